package org.whylm.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Texts that nothing may be trained on because something is evaluated on them. The default sentences are those of SST, MR and CR
 * in another tokenisation, sometimes two or three joined into one, so the comparison is by letters and digits only (no case,
 * accents, spaces, punctuation, treebank brackets such as {@code -lrb-}, or markup), and a text is held out
 *
 * <ul>
 *   <li>if it equals a held-out text or a sentence of one, or
 *   <li>if it contains one of these that has {@value #LONG} letters and digits or more. Shorter ones, such as
 *       "Ridiculous.", occur in longer texts by chance.
 * </ul>
 */
public final class HeldOutTexts {

    private static final int LONG = 20;
    private static final Pattern MARKUP = Pattern.compile("<br ?/?>|-[lr][rsc]b-|&(amp|quot|lt|gt);");
    private static final Pattern NEITHER_LETTER_NOR_DIGIT = Pattern.compile("[^\\p{L}\\p{N}]+");
    private static final Pattern BETWEEN_SENTENCES = Pattern.compile("(?<=[.!?])[\"')\\]]*\\s+|<br ?/?>");

    private final Set<String> normalised = new HashSet<>();
    private final Map<String, List<String>> longByStart = new HashMap<>();

    private HeldOutTexts(Collection<String> texts) {
        for (var text : texts) {
            add(normalise(text));
            BETWEEN_SENTENCES
                    .splitAsStream(text)
                    .filter(sentence -> !sentence.isBlank())
                    .map(HeldOutTexts::normalise)
                    .filter(sentence -> sentence.length() >= LONG)
                    .forEach(this::add);
        }
    }

    /** The test splits of tasks. */
    public static HeldOutTexts testSplits(Collection<TextDataset> datasets) {
        return of(datasets.stream()
                .flatMap(dataset -> dataset.test().stream())
                .map(Example::text)
                .toList());
    }

    /** Given texts. */
    public static HeldOutTexts of(Collection<String> texts) {
        return new HeldOutTexts(texts);
    }

    /** Whether a text is held out. */
    public boolean contains(String text) {
        var letters = normalise(text);
        if (normalised.contains(letters)) {
            return true;
        }
        for (var start = 0; start + LONG <= letters.length(); start++) {
            for (var heldOut : longByStart.getOrDefault(letters.substring(start, start + LONG), List.of())) {
                if (letters.startsWith(heldOut, start)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** The items whose texts are not held out, in order. */
    public <T> List<T> dropFrom(Collection<T> items, Function<? super T, String> text) {
        return items.stream().filter(item -> !contains(text.apply(item))).toList();
    }

    private void add(String letters) {
        if (normalised.add(letters) && letters.length() >= LONG) {
            longByStart
                    .computeIfAbsent(letters.substring(0, LONG), start -> new ArrayList<>(1))
                    .add(letters);
        }
    }

    /** The letters and digits of a text, in lower case without accents; of a text without any, the text itself. */
    static String normalise(String text) {
        var plain = MARKUP.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ");
        var letters = NEITHER_LETTER_NOR_DIGIT
                .matcher(Normalizer.normalize(plain, Normalizer.Form.NFKD))
                .replaceAll("");
        return letters.isEmpty() ? text.strip() : letters;
    }
}
