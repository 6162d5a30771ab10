package org.whylm.notebook;

import java.util.Locale;
import org.whylm.features.NextWords;
import org.whylm.report.Html;

/** Next words as a table with a bar for each probability. */
final class NextWordsHtml {

    private NextWordsHtml() {}

    static String of(NextWords next) {
        var html = new StringBuilder("<table>\n<caption>Next words after “<bdi>" + Html.text(next.context())
                + "</bdi>”</caption>\n<thead><tr><th scope=\"col\"" + Html.LEFT + ">word</th>"
                + "<th scope=\"col\"" + Html.RIGHT + ">probability</th>"
                + "<th scope=\"col\"><span class=\"track\"></span></th></tr></thead>\n<tbody>\n");
        var largest = next.words().stream()
                .mapToDouble(NextWords.Word::probability)
                .max()
                .orElse(1);
        for (var word : next.words()) {
            var width = String.format(Locale.ROOT, "%.1f", 100 * word.probability() / largest);
            html.append("<tr><th scope=\"row\" class=\"word\"" + Html.LEFT + ">"
                    + Html.text(visible(word.shownText())) + "</th><td" + Html.RIGHT + ">" + next.shownProbability(word)
                    + "</td><td class=\"track\"" + Html.LEFT + "><span class=\"bar\" style=\"width: " + width
                    + "%\"></span></td></tr>\n");
        }
        return html.append("</tbody>\n</table>\n").toString();
    }

    /** Spaces and line breaks at the ends of tokens matter: they show as marks. */
    private static String visible(String text) {
        return text.replace(' ', '␣').replace("\n", "⏎").replace("\t", "⇥");
    }
}
