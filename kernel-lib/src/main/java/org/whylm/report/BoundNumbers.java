package org.whylm.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers of a Markdown text that are cells of the expected tables: {@code 86.8<!--standard/table-1|movies|f-->} for one, with
 * {@code f×100} for a share in percent, and the line {@code <!--table standard/table-1-->} above a table whose header names columns and
 * whose first column names rows. A row is named by its leading text cells, joined by {@code " / "}.
 */
public final class BoundNumbers {

    private static final Pattern INLINE =
            Pattern.compile("([+-]?)[0-9]+(?:\\.([0-9]+))?<!--([^|>]+)\\|([^|>]+)\\|([^|>]+?)(×100)?-->");
    private static final Pattern TABLE = Pattern.compile("<!--table ([^|>]+)-->");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(?:\\.([0-9]+))?");

    private BoundNumbers() {}

    /**
     * The text with every bound number as its cell says, in as many decimals as it had.
     *
     * @param expected the folder with a folder of tables for each profile
     * @throws IllegalArgumentException if there is no such table, row or column, or a cell that is needed is blank
     */
    public static String updated(String markdown, Path expected) {
        var inline = INLINE.matcher(markdown).replaceAll(match -> Matcher.quoteReplacement(inline(match, expected)));
        var lines = new ArrayList<String>();
        Path bound = null;
        List<String> header = List.of();
        for (var line : inline.split("\n", -1)) {
            var marker = TABLE.matcher(line);
            if (marker.matches()) {
                bound = expected.resolve(marker.group(1) + ".csv");
                header = List.of();
            } else if (bound != null && !line.startsWith("|")) {
                bound = null;
            } else if (bound != null && header.isEmpty()) {
                header = cells(line);
            } else if (bound != null && !line.startsWith("| -")) {
                line = row(cells(line), header, bound);
            }
            lines.add(line);
        }
        return String.join("\n", lines);
    }

    private static String inline(MatchResult match, Path expected) {
        var cell = new BigDecimal(
                TableComparison.cell(expected.resolve(match.group(3) + ".csv"), match.group(4), match.group(5)));
        var value = match.group(6) == null ? cell : cell.movePointRight(2);
        int decimals = match.group(2) == null ? 0 : match.group(2).length();
        var number = rounded(value, decimals);
        var sign = match.group(1).equals("+") && number.signum() > 0 ? "+" : "";
        var marker = match.group().substring(match.group().indexOf("<!--"));
        return sign + number.toPlainString() + marker;
    }

    private static String row(List<String> cells, List<String> header, Path table) {
        var updated = new ArrayList<>(cells.subList(0, 1));
        for (int column = 1; column < cells.size(); column++) {
            var cell = TableComparison.cell(table, cells.get(0), header.get(column));
            var number = NUMBER.matcher(cells.get(column));
            int decimals = number.matches() && number.group(1) == null ? 0 : 1;
            updated.add(
                    cell.isEmpty()
                            ? ""
                            : rounded(new BigDecimal(cell), decimals).toPlainString());
        }
        return ("| " + String.join(" | ", updated) + " |").replace("|  |", "| |");
    }

    /** A cell is rounded itself: between two numbers it would be rounded twice, and may land on the wrong one. */
    private static BigDecimal rounded(BigDecimal cell, int decimals) {
        var number = cell.setScale(decimals, RoundingMode.HALF_EVEN);
        if (cell.subtract(number).abs().movePointRight(decimals).compareTo(new BigDecimal("0.5")) == 0) {
            throw new IllegalArgumentException(
                    cell + " is half way between two numbers of " + decimals + " decimals: write one decimal more");
        }
        return number;
    }

    private static List<String> cells(String line) {
        return Arrays.stream(line.strip().replaceAll("^\\||\\|$", "").split("\\|", -1))
                .map(String::strip)
                .toList();
    }
}
