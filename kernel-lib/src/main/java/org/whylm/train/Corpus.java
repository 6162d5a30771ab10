package org.whylm.train;

import java.util.ArrayList;
import java.util.List;
import org.whylm.lm.Tokenizer;
import org.whylm.lm.VocabularyRestriction;
import org.whylm.run.Progress;

/**
 * Documents as streams of tokens, in a vocabulary that fits a small model: the pretrained tokenizer's tokens that the training
 * documents use often enough, and one unknown token for the rest.
 *
 * @param training what a model learns from
 * @param heldOut other documents, for the loss on text that it has not read
 * @param tokenizer the restricted one; it shares native memory with the pretrained one
 * @param vocabulary which of the pretrained tokens are kept
 */
public record Corpus(TokenStream training, TokenStream heldOut, Tokenizer tokenizer, VocabularyRestriction vocabulary) {

    private static final String SEPARATOR = "<|endoftext|>";

    /**
     * Every {@code (documents/heldOutDocuments)}-th document is held out. Documents are separated by the token
     * {@value #SEPARATOR}.
     *
     * @param heldOutDocuments how many
     * @param minimumCount how often the training documents use a token that is kept
     * @param length tokens a context
     * @throws IllegalArgumentException if the tokenizer has no separator, or there are too few documents
     * @throws Progress.Interrupted if the thread is interrupted
     */
    public static Corpus of(
            List<String> documents, int heldOutDocuments, Tokenizer pretrained, int minimumCount, int length) {
        if (heldOutDocuments < 1 || heldOutDocuments >= documents.size()) {
            throw new IllegalArgumentException(
                    "Of " + documents.size() + " documents " + heldOutDocuments + " cannot be held out");
        }
        var separator = pretrained.encode(SEPARATOR);
        if (separator.length != 1) {
            throw new IllegalArgumentException("The tokenizer has no token " + SEPARATOR + " to separate documents by");
        }
        int every = documents.size() / heldOutDocuments;
        var training = new ArrayList<int[]>();
        var heldOut = new ArrayList<int[]>();
        try (var progress = Progress.start("tokens of the corpus", documents.size(), "documents")) {
            for (int index = 0; index < documents.size(); index++) {
                boolean isHeldOut = index % every == 0 && heldOut.size() < heldOutDocuments;
                (isHeldOut ? heldOut : training).add(pretrained.encode(documents.get(index)));
                progress.advance(1);
            }
        }
        var vocabulary = VocabularyRestriction.of(training, pretrained.size(), minimumCount, separator);
        int newSeparator = vocabulary.restrict(separator)[0];
        return new Corpus(
                TokenStream.of(restricted(training, vocabulary), newSeparator, length),
                TokenStream.of(restricted(heldOut, vocabulary), newSeparator, length),
                pretrained.restrictedTo(vocabulary),
                vocabulary);
    }

    private static List<int[]> restricted(List<int[]> documents, VocabularyRestriction vocabulary) {
        return documents.stream().map(vocabulary::restrict).toList();
    }
}
