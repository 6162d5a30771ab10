package org.whylm.lm;

import static org.whylm.lm.GgufTokenizer.part;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A SentencePiece vocabulary (BPE) as parts of a Hugging Face tokenizer, which then gives the ids of SentencePiece: spaces become
 * {@code ▁}; user-defined pieces stand alone, the longest first; of two neighbours whose join is a piece the best score is
 * joined first; a character without a piece becomes its bytes in UTF-8, or the unknown piece where there are no bytes.
 *
 * <p>The pieces are those that stand in the file. A user-defined piece with a space never matches a text, whose spaces are {@code ▁}
 * by then: so Gemma's runs of spaces, which a GGUF file writes with spaces, are cut space by space, as SentencePiece cuts them with the
 * file's pieces. Written with {@code ▁}, as in Gemma's own vocabulary, SentencePiece takes a run as one piece.
 *
 * @param vocabulary the ids of the tokens
 * @param prefix whether a space is put before a text
 */
record SentencePieces(
        Path source,
        List<String> tokens,
        Map<String, Integer> vocabulary,
        double[] scores,
        int[] types,
        boolean prefix) {

    private static final String SPACE = "▁";
    private static final int BYTES = 256;

    /** Whether a piece is user-defined and can be matched by the library itself, which would put a space after it if one is put first. */
    boolean isMatchedAsToken(int id) {
        return !prefix && isUserDefined(id);
    }

    private boolean isUserDefined(int id) {
        return types[id] == GgufTokenizer.USER_DEFINED
                && !tokens.get(id).contains(" ")
                && !tokens.get(id).isEmpty();
    }

    JsonObject normalizer() {
        var spaces = replacing(" ", SPACE);
        return part(
                "Sequence",
                "normalizers",
                prefix ? List.of(part("Prepend", "prepend", SPACE), spaces) : List.of(spaces));
    }

    private static JsonObject replacing(String what, String by) {
        return part("Replace", "pattern", Map.of("String", what), "content", by);
    }

    JsonElement preTokenizer() {
        return cutsUserDefined() ? GgufTokenizer.isolating(userDefined()) : JsonNull.INSTANCE;
    }

    private boolean cutsUserDefined() {
        return prefix && IntStream.range(0, types.length).anyMatch(this::isUserDefined);
    }

    private String userDefined() {
        return IntStream.range(0, types.length)
                .filter(this::isUserDefined)
                .mapToObj(tokens::get)
                .sorted(Comparator.comparingInt(String::length).reversed())
                .map(SentencePieces::literally)
                .collect(Collectors.joining("|"));
    }

    private static String literally(String piece) {
        return piece.codePoints()
                .mapToObj(point -> (point > ' ' && point < 128 && !Character.isLetterOrDigit(point) ? "\\" : "")
                        + Character.toString(point))
                .collect(Collectors.joining());
    }

    JsonObject decoder() {
        var steps = Stream.of(replacing(SPACE, " "), part("ByteFallback"), part("Fuse"));
        var strip =
                Stream.of(part("Strip", "content", " ", "start", 1, "stop", 0)).limit(prefix ? 1 : 0);
        return part("Sequence", "decoders", Stream.concat(steps, strip).toList());
    }

    /** @param unknown the piece of what has none; null if there is none */
    BpeJson model(String unknown) {
        boolean bytes = IntStream.range(0, BYTES)
                .allMatch(b -> vocabulary.containsKey(String.format(Locale.ROOT, "<0x%02X>", b)));
        if (!bytes && unknown == null) {
            throw new IllegalArgumentException(
                    source + ": the vocabulary has neither all bytes, <0x00> to <0xFF>, nor an unknown piece");
        }
        return new BpeJson()
                .flag("byte_fallback", bytes)
                .flag("fuse_unk", true)
                .flag("ignore_merges", cutsUserDefined())
                .unknown(unknown)
                .vocabulary(tokens)
                .merges(
                        merges(),
                        IntStream.range(0, types.length)
                                .filter(id -> types[id] == GgufTokenizer.NORMAL)
                                .mapToObj(tokens::get)
                                .allMatch(BpeJson.Merge::fitsLine));
    }

    /** Every pair of pieces whose join is a piece, by the score of the join, the highest first. */
    private Stream<BpeJson.Merge> merges() {
        return IntStream.range(0, types.length)
                .filter(id -> types[id] == GgufTokenizer.NORMAL)
                .boxed()
                .sorted(Comparator.comparingDouble(id -> -scores[id]))
                .map(tokens::get)
                .<BpeJson.Merge>mapMulti((piece, merges) -> {
                    for (int cut = 1; cut < piece.length(); cut++) {
                        var left = piece.substring(0, cut);
                        if (isNormal(left)) {
                            var right = piece.substring(cut);
                            if (isNormal(right)) {
                                merges.accept(new BpeJson.Merge(left, right));
                            }
                        }
                    }
                });
    }

    private boolean isNormal(String piece) {
        var id = vocabulary.get(piece);
        return id != null && types[id] == GgufTokenizer.NORMAL;
    }
}
