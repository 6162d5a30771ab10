package org.whylm.notebook;

import java.util.Locale;
import org.whylm.features.NextWords;
import org.whylm.report.Html;

/** Next words as a table with a bar for each probability. */
final class NextWordsHtml {

    private NextWordsHtml() {}

    static String of(NextWords next) {
        var html = new StringBuilder("<table>\n<caption>Next words after “<bdi>")
                .append(Html.text(next.context()))
                .append("</bdi>”</caption>\n<thead><tr><th scope=\"col\"" + Html.LEFT + ">word</th>"
                        + "<th scope=\"col\" style=\"text-align: right\">probability</th>"
                        + "<th scope=\"col\"><span class=\"track\"></span></th></tr></thead>\n<tbody>\n");
        var largest = next.words().stream()
                .mapToDouble(NextWords.Word::probability)
                .max()
                .orElse(1);
        for (var word : next.words()) {
            html.append("<tr><th scope=\"row\" class=\"word\"" + Html.LEFT + ">")
                    .append(Html.text(visible(word.shownText())))
                    .append("</th><td style=\"text-align: right\">")
                    .append(next.shownProbability(word))
                    .append("</td><td class=\"track\"" + Html.LEFT + "><span class=\"bar\" style=\"width: ")
                    .append(String.format(Locale.ROOT, "%.1f", 100 * word.probability() / largest))
                    .append("%\"></span></td></tr>\n");
        }
        return html.append("</tbody>\n</table>\n").toString();
    }

    /** Spaces and line breaks at the ends of tokens matter: they show as marks. */
    private static String visible(String text) {
        return text.replace(' ', '␣').replace("\n", "⏎").replace("\t", "⇥");
    }
}
