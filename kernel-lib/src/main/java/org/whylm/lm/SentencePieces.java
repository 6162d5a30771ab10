package org.whylm.lm;

import static org.whylm.lm.GgufTokenizer.part;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
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
 */
final class SentencePieces {

    private static final String SPACE = "▁";
    private static final int BYTES = 256;

    private final Path source;
    private final List<String> tokens;
    private final double[] scores;
    private final int[] types;
    private final boolean prefix;

    /** @param prefix whether a space is put before a text */
    SentencePieces(Path source, List<String> tokens, double[] scores, int[] types, boolean prefix) {
        this.source = source;
        this.tokens = tokens;
        this.scores = scores;
        this.types = types;
        this.prefix = prefix;
    }

    /** Whether a piece is user-defined and can be matched by the library itself, which would put a space after it if one is put first. */
    boolean isMatchedAsToken(int id) {
        return !prefix && isUserDefined(id);
    }

    private boolean isUserDefined(int id) {
        return types[id] == GgufTokenizer.USER_DEFINED
                && !tokens.get(id).contains(" ")
                && !tokens.get(id).isEmpty();
    }

    private IntStream normal() {
        return IntStream.range(0, types.length).filter(id -> types[id] == GgufTokenizer.NORMAL);
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
    JsonObject model(JsonObject vocabulary, String unknown) {
        boolean bytes =
                IntStream.range(0, BYTES).allMatch(b -> vocabulary.has(String.format(Locale.ROOT, "<0x%02X>", b)));
        if (!bytes && unknown == null) {
            throw new IllegalArgumentException(
                    source + ": the vocabulary has neither all bytes, <0x00> to <0xFF>, nor an unknown piece");
        }
        var model = part("BPE", "byte_fallback", bytes, "fuse_unk", true, "ignore_merges", cutsUserDefined());
        model.addProperty("unk_token", unknown);
        model.add("vocab", vocabulary);
        model.add("merges", merges());
        return model;
    }

    private record Merge(int at, int cut) {}

    /** Every pair of pieces whose join is a piece, by the score of the join, the highest first. */
    private JsonArray merges() {
        var pieces = new HashSet<String>();
        normal().mapToObj(tokens::get).forEach(pieces::add);
        var merges = new ArrayList<Merge>();
        normal().forEach(id -> {
            var piece = tokens.get(id);
            for (int cut = 1; cut < piece.length(); cut++) {
                if (pieces.contains(piece.substring(0, cut)) && pieces.contains(piece.substring(cut))) {
                    merges.add(new Merge(id, cut));
                }
            }
        });
        merges.sort(Comparator.comparingDouble(merge -> -scores[merge.at()]));
        var json = new JsonArray(merges.size());
        merges.forEach(merge -> {
            var piece = tokens.get(merge.at());
            json.add(GgufTokenizer.pair(piece.substring(0, merge.cut()), piece.substring(merge.cut())));
        });
        return json;
    }
}
