package org.whylm.notebook;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.whylm.report.Html;
import org.whylm.run.Described;

/**
 * A value in a few rows, for a notebook: what a {@link Described} value tells of itself, the components of a record, of a profile
 * each of its settings, the shape and the first corner of a vector or matrix.
 *
 * @param title what it is
 * @param rows name and values; a matrix has a row for each of its first rows
 */
record Facts(String title, Map<String, List<String>> rows) {

    private static final int CORNER = 6;
    private static final int LISTED = 8;

    /** Of a described value, a record, or an array of numbers of one or two dimensions. */
    static Facts of(Object value) {
        var rows = new LinkedHashMap<String, List<String>>();
        if (value instanceof Described described) {
            described.facts().forEach((name, fact) -> rows.put(name, List.of(fact)));
        } else if (value instanceof Record record) {
            for (var component : record.getClass().getRecordComponents()) {
                var part = component(record, component.getAccessor());
                if (part instanceof JsonObject settings) {
                    settings.asMap().forEach((key, setting) -> rows.put(key, List.of(brief(setting))));
                } else {
                    rows.put(component.getName(), List.of(brief(part)));
                }
            }
        } else {
            return ofArray(value);
        }
        return new Facts(value.getClass().getSimpleName(), rows);
    }

    /** A vector's numbers have the format that suits all of them, those of a matrix that of their column. */
    private static Facts ofArray(Object value) {
        var all = value instanceof Object[] matrix ? matrix : new Object[] {value};
        boolean isMatrix = all == value;
        var corner = Arrays.stream(all).limit(CORNER).map(Facts::corner).toList();
        var rows = new LinkedHashMap<String, List<String>>();
        for (int row = 0; row < corner.size(); row++) {
            var numbers = corner.get(row);
            var cells = IntStream.range(0, numbers.size())
                    .mapToObj(i -> number(numbers.get(i), isMatrix ? column(corner, i) : numbers));
            var more = Array.getLength(all[row]) > CORNER ? Stream.of("…") : Stream.<String>empty();
            rows.put(
                    isMatrix ? String.valueOf(row) : "",
                    Stream.concat(cells, more).toList());
        }
        if (all.length > CORNER) {
            rows.put("⋮", List.of());
        }
        return new Facts(brief(value), rows);
    }

    private static Object component(Record record, Method accessor) {
        try {
            accessor.setAccessible(true); // the record may be declared in a notebook
            return accessor.invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read " + accessor, e);
        }
    }

    /** A value in a few words: its shape if it is an array, its size if it is a long list. */
    private static String brief(Object value) {
        if (value == null) {
            return "none";
        }
        if (value.getClass().isArray()) {
            var type = value.getClass();
            var shape = new ArrayList<String>();
            for (var part = value; part != null && part.getClass().isArray(); type = type.getComponentType()) {
                shape.add(String.format(Locale.ROOT, "%,d", Array.getLength(part)));
                part = Array.getLength(part) == 0 ? null : Array.get(part, 0);
            }
            return type.getSimpleName() + ", " + String.join("×", shape) + (shape.size() == 1 ? " numbers" : "");
        }
        if (value instanceof Collection<?> values) {
            return values.size() > LISTED
                    ? String.format(Locale.ROOT, "%,d", values.size())
                    : values.stream().map(Facts::brief).collect(Collectors.joining(", "));
        }
        if (value instanceof JsonObject json) {
            return json.asMap().entrySet().stream()
                    .map(entry -> entry.getKey() + " " + inside(entry.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (value instanceof JsonArray json) {
            return json.asList().stream().map(Facts::inside).collect(Collectors.joining(", "));
        }
        if (value instanceof JsonPrimitive json) {
            return json.getAsString();
        }
        if (value instanceof Double || value instanceof Float) {
            double number = ((Number) value).doubleValue();
            return number(number, List.of(number));
        }
        if (value instanceof Integer || value instanceof Long) {
            return value.equals(Integer.MAX_VALUE) ? "all" : String.valueOf(value);
        }
        if (value instanceof Record record && !(value instanceof Described) && !printsItself(record)) {
            return of(record).rows().entrySet().stream()
                    .map(row -> row.getKey() + " " + String.join(" ", row.getValue()))
                    .collect(Collectors.joining(", "));
        }
        return String.valueOf(value);
    }

    /** What stands inside something else of its kind: in brackets, if it is more than one value. */
    private static String inside(JsonElement json) {
        if (json instanceof JsonArray list && list.size() < 2) {
            return list.isEmpty() ? "none" : inside(list.get(0));
        }
        return json.isJsonPrimitive() ? brief(json) : "(" + brief(json) + ")";
    }

    private static boolean printsItself(Record record) {
        return !record.toString().startsWith(record.getClass().getSimpleName() + "[");
    }

    private static List<Double> corner(Object numbers) {
        return IntStream.range(0, Math.min(Array.getLength(numbers), CORNER))
                .mapToObj(i -> ((Number) Array.get(numbers, i)).doubleValue())
                .toList();
    }

    private static List<Double> column(List<List<Double>> corner, int index) {
        return corner.stream()
                .filter(row -> index < row.size())
                .map(row -> row.get(index))
                .toList();
    }

    /** A number in the format that suits it and those that it stands with: whole, with four decimals, or as a power of ten. */
    private static String number(double value, List<Double> among) {
        if (among.stream().allMatch(each -> each == Math.rint(each) && Math.abs(each) < 1e9)) {
            return String.valueOf((long) value);
        }
        var powers = among.stream()
                .map(Math::abs)
                .anyMatch(size -> Double.isFinite(size) && size != 0 && (size < 1e-3 || size >= 1e6));
        return String.format(Locale.ROOT, powers ? "%.3e" : "%.4f", value);
    }

    String toHtml() {
        var align = rows.values().stream().allMatch(row -> row.size() <= 1) ? Html.LEFT : Html.RIGHT;
        var html = new StringBuilder("<table>\n<caption>" + Html.text(title) + "</caption>\n<tbody>\n");
        rows.forEach((name, cells) -> {
            html.append("<tr><th scope=\"row\"" + Html.LEFT + ">" + Html.text(name) + "</th>");
            cells.forEach(cell -> html.append("<td" + align + ">" + Html.text(cell) + "</td>"));
            html.append("</tr>\n");
        });
        return html.append("</tbody>\n</table>\n").toString();
    }

    @Override
    public String toString() {
        var lines = new ArrayList<>(List.of(title));
        rows.forEach((name, cells) -> lines.add((name + "  " + String.join("  ", cells)).strip()));
        return String.join("\n", lines);
    }
}
