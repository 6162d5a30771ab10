package org.whylm.task;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.whylm.report.Html;

/** For test texts the words that decided, as bars; the first few are open. */
final class WordBars {

    /** Texts that are shown at most. */
    static final int TEXTS = 200;

    private static final int OPEN = 3;
    private static final int BARS = 6;

    private WordBars() {}

    static String html(Solutions solutions) {
        var task = solutions.task();
        var model = solutions.result(PromptChoice.WORDS).classification().model();
        var list = solutions.allWords();
        var rows = Arrays.stream(task.unseen()).limit(TEXTS).toArray();
        var p = solutions
                .features()
                .rows(Arrays.copyOf(task.unseenRows(), rows.length))
                .wordProbabilities(list);
        var html = new StringBuilder();
        for (int i = 0; i < rows.length; i++) {
            var of = Contributions.of(task.testTexts().get(rows[i]), task.data().classes(), model, list, p[i]);
            html.append(html(of, task.data().classes().get(task.testLabels()[rows[i]]), i < OPEN));
        }
        return html.toString();
    }

    private static String html(Contributions it, String label, boolean open) {
        double rest = it.words().stream()
                .skip(BARS)
                .mapToDouble(Contributions.Word::contribution)
                .sum();
        var bars = Stream.concat(
                        it.words().stream()
                                .limit(BARS)
                                .map(word -> new Bar("“" + Wording.visible(word.word()) + "”", word.contribution())),
                        Stream.of(new Bar("the other words", rest), new Bar("whatever the text", it.constant())))
                .toList();
        double largest =
                bars.stream().mapToDouble(bar -> Math.abs(bar.value())).max().orElseThrow();
        boolean right = it.decided().equals(label);
        var said = it.decided()
                + Wording.format(" %.0f%%", 100 * it.probability())
                + (right ? "" : ", but labelled " + label);
        return "<details " + (open ? "open=\"open\" " : "") + "class=\"text\"><summary>" + Html.text(it.text())
                + " <span class=\"" + (right ? "held" : "failed") + "\">" + Html.text(said)
                + "</span></summary>\n<table class=\"bars\"><caption>"
                + Html.text(it.decided() + " rather than " + it.against()) + "</caption><tbody>\n"
                + bars.stream().map(bar -> bar.html(largest)).collect(Collectors.joining())
                + "</tbody></table></details>\n";
    }

    private record Bar(String name, double value) {

        String html(double largest) {
            return "<tr><th scope=\"row\">" + Html.text(name)
                    + Wording.format(
                            "</th><td>" + (largest < 0.1 ? "%+.0e" : "%+.2f")
                                    + "</td><td class=\"track\"><span class=\"%s\" style=\"width: %.1f%%\"></span></td></tr>%n",
                            value,
                            value < 0 ? "against" : "for",
                            largest == 0 ? 0 : 100 * Math.abs(value) / largest);
        }
    }
}
