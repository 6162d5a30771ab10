package org.whylm.data;

import java.text.Normalizer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Texts that nothing may be trained on because something is evaluated on them. The default sentences are those of SST, MR and CR,
 * tokenised differently, so texts count as equal when only case, accents, spaces, punctuation (also the treebank's {@code -lrb-}
 * and {@code -rrb-}) and markup of the form {@code <br />} differ.
 */
public final class HeldOutTexts {

    private static final Pattern MARKUP = Pattern.compile("<br ?/?>|-[lr][rsc]b-|&(amp|quot|lt|gt);");
    private static final Pattern NEITHER_LETTER_NOR_DIGIT = Pattern.compile("[^\\p{L}\\p{N}]+");

    private final Set<String> normalised;

    private HeldOutTexts(Set<String> normalised) {
        this.normalised = normalised;
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
        var normalised = new HashSet<String>();
        texts.forEach(text -> normalised.add(normalise(text)));
        return new HeldOutTexts(normalised);
    }

    /** Whether a text is held out, up to normalisation. */
    public boolean contains(String text) {
        return normalised.contains(normalise(text));
    }

    /** The items whose texts are not held out, in order. */
    public <T> List<T> dropFrom(Collection<T> items, Function<? super T, String> text) {
        return items.stream().filter(item -> !contains(text.apply(item))).toList();
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
