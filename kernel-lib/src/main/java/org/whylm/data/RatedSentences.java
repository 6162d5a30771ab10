package org.whylm.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Tasks made of the sentences of Hutto and Gilbert (2014): tab-separated, unquoted lines of id, mean rating, sentence. */
final class RatedSentences {

    private static final double LOWEST = -4;
    private static final double HIGHEST = 4;

    private record Sentence(double rating, String text) {}

    /**
     * Which sentences make up a class.
     *
     * @param file path of the file below the folder of downloads
     * @param rating interval of the rating, such as {@code (0.5,2]}; none for any
     * @param first how many to take in hash order; none for all
     */
    record Rule(String file, Optional<String> rating, Optional<Integer> first) {

        private Stream<String> select(List<Sentence> sentences) {
            var interval = rating.map(Interval::parse).orElse(new Interval(LOWEST, true, HIGHEST, true));
            var distinct = sentences.stream()
                    .filter(sentence -> interval.contains(sentence.rating()))
                    .map(Sentence::text)
                    .distinct()
                    .toList();
            return HashOrder.sorted(distinct, text -> text).stream().limit(first.orElse(Integer.MAX_VALUE));
        }
    }

    /** An interval of ratings in the usual notation: a bracket includes its end, a parenthesis leaves it out. */
    record Interval(double low, boolean withLow, double high, boolean withHigh) {

        private static final Pattern NOTATION =
                Pattern.compile("([\\[(])\\s*(-?[0-9.]+)\\s*,\\s*(-?[0-9.]+)\\s*([\\])])");

        static Interval parse(String notation) {
            var parts = NOTATION.matcher(notation);
            if (!parts.matches()) {
                throw new DataException(
                        "The catalog's rating \"" + notation + "\" is no interval such as [-2,-0.5) or (0.5,4]");
            }
            return new Interval(
                    Double.parseDouble(parts.group(2)),
                    parts.group(1).equals("["),
                    Double.parseDouble(parts.group(3)),
                    parts.group(4).equals("]"));
        }

        boolean contains(double rating) {
            return (withLow ? rating >= low : rating > low) && (withHigh ? rating <= high : rating < high);
        }
    }

    private RatedSentences() {}

    /**
     * The task in which each class is made up by its rule, from the files in the folder of downloads. Of equal texts the first stays. The split
     * and the order are those of the hash.
     */
    static TextDataset dataset(String name, Map<String, Rule> rules, Path downloads) {
        var classes = List.copyOf(rules.keySet());
        var labels = new LinkedHashMap<String, Integer>();
        for (var label = 0; label < classes.size(); label++) {
            var rule = rules.get(classes.get(label));
            for (var text : rule.select(read(downloads.resolve(rule.file()))).toList()) {
                labels.putIfAbsent(text, label);
            }
        }
        var examples = labels.entrySet().stream()
                .map(entry -> new Example(entry.getKey(), entry.getValue()))
                .toList();
        var sides = HashOrder.sorted(examples, Example::text).stream()
                .collect(Collectors.partitioningBy(example -> HashOrder.inTest(example.text())));
        return new TextDataset(name, classes, sides.get(false), sides.get(true));
    }

    private static List<Sentence> read(Path file) {
        var lines = LabelledCsv.text(file).lines().toList();
        var sentences = new ArrayList<Sentence>(lines.size());
        for (var i = 0; i < lines.size(); i++) {
            var columns = lines.get(i).split("\t", -1);
            if (columns.length != 3 || columns[2].isBlank()) {
                throw LabelledCsv.malformed(file, i + 1, "not the three columns id, mean rating, sentence");
            }
            sentences.add(new Sentence(rating(file, i + 1, columns[1]), columns[2]));
        }
        return sentences;
    }

    private static double rating(Path file, int line, String column) {
        double rating;
        try {
            rating = Double.parseDouble(column);
        } catch (NumberFormatException e) {
            rating = Double.NaN;
        }
        if (!(rating >= LOWEST && rating <= HIGHEST)) {
            throw LabelledCsv.malformed(file, line, "the rating \"" + column + "\" is no number from -4 to 4");
        }
        return rating;
    }
}
