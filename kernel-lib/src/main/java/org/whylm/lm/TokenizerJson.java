package org.whylm.lm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A {@code tokenizer.json} as far as it may be handed to Hugging Face's native library, which ends the process at some damage: every
 * part is one of the kinds that are known here and has their fields, with values of their types; ids are distinct and those that the
 * library gives.
 */
final class TokenizerJson {

    /** Larger ids are a damage: the largest vocabularies have some 10⁶ tokens. */
    private static final int LARGEST_ID = 1 << 24;

    /** What normalizers cut off or leave out: spaces, control and format characters, accents. */
    private static final Pattern BLANK = Pattern.compile("[\\s\\p{Z}\\p{C}\\p{M}]*");

    private static final String BYTE_LEVEL = "add_prefix_space:b? trim_offsets:b? use_regex:b?";
    private static final String METASPACE =
            "replacement:c prepend_scheme:first|always|never? split:b? add_prefix_space:b? str_rep:s?";
    private static final String BEHAVIOR = "Removed|Isolated|MergedWithPrevious|MergedWithNext|Contiguous";

    // Kinds of a part and the fields of each: b Boolean, n count, c character, s string, 1 string with a
    // character, m table of replacements, p pattern, q pattern that matches no empty text, w string and id,
    // [part list of
    // parts, a|b one of; ? may be missing or null; * anything, since the part is not read.
    private static final Map<String, String> NORMALIZERS = Map.ofEntries(
            Map.entry("BertNormalizer", "clean_text:b handle_chinese_chars:b strip_accents:b? lowercase:b"),
            Map.entry("Strip", "strip_left:b strip_right:b"),
            Map.entry("StripAccents", ""),
            Map.entry("NFC", ""),
            Map.entry("NFD", ""),
            Map.entry("NFKC", ""),
            Map.entry("NFKD", ""),
            Map.entry("Nmt", ""),
            Map.entry("Lowercase", ""),
            Map.entry("ByteLevel", ""),
            Map.entry("Precompiled", "precompiled_charsmap:m"),
            Map.entry("Replace", "pattern:q content:s"),
            Map.entry("Prepend", "prepend:1"),
            Map.entry("Sequence", "normalizers:[normalizer"));

    private static final Map<String, String> PRE_TOKENIZERS = Map.ofEntries(
            Map.entry("BertPreTokenizer", ""),
            Map.entry("ByteLevel", BYTE_LEVEL),
            Map.entry("CharDelimiterSplit", "delimiter:c"),
            Map.entry("Metaspace", METASPACE),
            Map.entry("Whitespace", ""),
            Map.entry("WhitespaceSplit", ""),
            Map.entry("UnicodeScripts", ""),
            Map.entry("Punctuation", "behavior:" + BEHAVIOR + "?"),
            Map.entry("Digits", "individual_digits:b"),
            Map.entry("Split", "pattern:p behavior:" + BEHAVIOR + " invert:b"),
            Map.entry("Sequence", "pretokenizers:[pre_tokenizer"));

    private static final Map<String, String> POST_PROCESSORS = Map.of(
            "BertProcessing", "sep:w cls:w",
            "RobertaProcessing", "sep:w cls:w trim_offsets:b add_prefix_space:b",
            "ByteLevel", BYTE_LEVEL,
            "TemplateProcessing", "single:* pair:* special_tokens:*",
            "Sequence", "processors:[post_processor");

    private static final Map<String, String> DECODERS = Map.of(
            "ByteLevel", BYTE_LEVEL,
            "WordPiece", "prefix:s cleanup:b",
            "BPEDecoder", "suffix:s",
            "Metaspace", METASPACE,
            "Replace", "pattern:p content:s",
            "Fuse", "",
            "ByteFallback", "",
            // The library fails at a token that is shorter than what is cut off its end.
            "Strip", "content:c start:n stop:0",
            "Sequence", "decoders:[decoder");

    private static final Map<String, Map<String, String>> PARTS = Map.of(
            "normalizer", NORMALIZERS,
            "pre_tokenizer", PRE_TOKENIZERS,
            "post_processor", POST_PROCESSORS,
            "decoder", DECODERS);

    private static final Map<String, String> MODELS = Map.of(
            "BPE",
                    "dropout:0? unk_token:s? continuing_subword_prefix:s? end_of_word_suffix:s? fuse_unk:b?"
                            + " byte_fallback:b? ignore_merges:b? vocab:* merges:*",
            "WordPiece", "unk_token:s continuing_subword_prefix:s max_input_chars_per_word:n vocab:*",
            "WordLevel", "unk_token:s vocab:*",
            "Unigram", "unk_id:n? byte_fallback:b? vocab:*");

    private static final String ADDED_TOKEN = "id:n content:s single_word:b lstrip:b rstrip:b normalized:b special:b";

    private final Path source;
    private final JsonObject json;

    /** The text of the model, where it was written here and is not in {@code json}. */
    private final Optional<byte[]> written;

    /** Which ids stand for a text. */
    private final BitSet ids = new BitSet();

    private final Map<String, Integer> vocabulary;

    private TokenizerJson(Path source, JsonObject json, Optional<byte[]> written, Map<String, Integer> vocabulary) {
        this.source = source;
        this.json = json;
        this.written = written;
        this.vocabulary = vocabulary;
    }

    /** @throws IllegalArgumentException if it is not sound; the message names the source and the part */
    static TokenizerJson of(JsonObject json, Path source) {
        var checked = new TokenizerJson(source, json, Optional.empty(), new HashMap<>());
        checked.parts();
        checked.model(checked.object("model", json.get("model")));
        checked.addedTokens();
        return checked;
    }

    /**
     * Checks a tokenizer but for its model, which is sound.
     *
     * @param json all but the model
     * @param vocabulary the tokens of the model with their ids, 0 and so on
     * @param model its text, in UTF-8
     * @throws IllegalArgumentException as {@link #of(JsonObject, Path)}
     */
    static TokenizerJson of(JsonObject json, Map<String, Integer> vocabulary, byte[] model, Path source) {
        var checked = new TokenizerJson(source, json, Optional.of(model), vocabulary);
        checked.parts();
        checked.ids.set(0, vocabulary.size());
        checked.addedTokens();
        return checked;
    }

    private void parts() {
        for (var part : List.of("normalizer", "pre_tokenizer", "post_processor", "decoder")) {
            part(part, json.get(part), PARTS.get(part));
        }
    }

    /** The whole of it, in UTF-8. */
    byte[] text() {
        return text(json);
    }

    private byte[] text(JsonObject json) {
        var text = json.toString();
        if (written.isEmpty()) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        var head = (text.substring(0, text.length() - 1) + ",\"model\":").getBytes(StandardCharsets.UTF_8);
        var model = written.get();
        return ByteBuffer.allocate(head.length + model.length + 1)
                .put(head)
                .put(model)
                .put((byte) '}')
                .array();
    }

    BitSet ids() {
        return ids;
    }

    /**
     * The ids of the start token that the template puts before a text; what it puts behind, where a text ends, is not of them.
     *
     * @param isStart whether a special token of the template is a start token
     * @throws IllegalArgumentException if one of them stands for no token
     */
    int[] start(Predicate<String> isStart) {
        var start = templates(json.get("post_processor"))
                .flatMap(template -> start(template).stream())
                .filter(token -> isStart.test(token.get("id").getAsString()))
                .flatMap(token -> list("post_processor", token.get("ids")).asList().stream())
                .mapToInt(JsonElement::getAsInt)
                .toArray();
        for (int id : start) {
            if (!ids.get(id)) {
                throw malformed("post_processor", "no token has the id " + id + ", which is put before a text");
            }
        }
        return start;
    }

    private static Stream<JsonObject> templates(JsonElement processor) {
        if (!(processor instanceof JsonObject one)) {
            return Stream.empty();
        }
        return one.has("processors")
                ? one.getAsJsonArray("processors").asList().stream().flatMap(TokenizerJson::templates)
                : Stream.of(one).filter(template -> template.has("single"));
    }

    /** The special tokens of a template before its text, as {@code <s>} in {@code <s> $A} and {@code <s> $A </s>}. */
    private static List<JsonObject> start(JsonObject template) {
        return template.getAsJsonArray("single").asList().stream()
                .map(piece -> piece.getAsJsonObject().getAsJsonObject("SpecialToken"))
                .takeWhile(Objects::nonNull)
                .map(token -> template.getAsJsonObject("special_tokens")
                        .getAsJsonObject(token.get("id").getAsString()))
                .toList();
    }

    /** What only encodes: nothing is added to a text, nothing cut, and no offsets are asked for. */
    byte[] encoding() {
        return text(without("post_processor"));
    }

    /** What adds the special tokens of its template, and decodes nothing. */
    byte[] withTemplate() {
        return text(without("decoder"));
    }

    private JsonObject without(String part) {
        var kept = new JsonObject();
        json.asMap().forEach(kept::add);
        for (var removed : List.of(part, "truncation", "padding")) {
            kept.add(removed, JsonNull.INSTANCE);
        }
        return kept;
    }

    private void part(String where, JsonElement element, Map<String, String> kinds) {
        if (element == null || element.isJsonNull()) {
            return;
        }
        var part = object(where, element);
        var kind = fits(part.get("type"), "s") ? part.get("type").getAsString() : "";
        if (!kinds.containsKey(kind)) {
            throw malformed(
                    where, "the type " + shown(part.get("type")) + " is none of " + new TreeSet<>(kinds.keySet()));
        }
        fields(where, part, kinds.get(kind), "type");
        if (kind.equals("TemplateProcessing")) {
            template(where, part);
        }
    }

    private void fields(String where, JsonObject part, String fields, String... more) {
        var known = new HashSet<>(Set.of(more));
        for (var field : fields.isEmpty() ? new String[0] : fields.split(" ")) {
            var name = field.substring(0, field.indexOf(':'));
            boolean optional = field.endsWith("?");
            var type = field.substring(name.length() + 1, field.length() - (optional ? 1 : 0));
            known.add(name);
            var value = part.get(name);
            boolean missing = value == null || value.isJsonNull();
            if (missing && optional) {
                continue;
            }
            if (!missing && type.startsWith("[") && value instanceof JsonArray list) {
                list.forEach(each -> part(where + ", " + name, each, PARTS.get(type.substring(1))));
            } else if (missing || !fits(value, type)) {
                throw malformed(where, "'" + name + "' is " + shown(value) + reason(value));
            }
        }
        for (var name : part.keySet()) {
            if (!known.contains(name)) {
                throw malformed(where, "the field '" + name + "' is not known");
            }
        }
    }

    private static String reason(JsonElement pattern) {
        return regex(pattern)
                .map(regex -> SafePattern.problem(regex)
                        .map(problem -> ": " + problem)
                        .orElse(", which may match nothing"))
                .orElse("");
    }

    private static Optional<String> regex(JsonElement pattern) {
        return pattern instanceof JsonObject object && fits(object.get("Regex"), "s")
                ? Optional.of(object.get("Regex").getAsString())
                : Optional.empty();
    }

    private static boolean fits(JsonElement value, String type) {
        var primitive = value instanceof JsonPrimitive one ? one : null;
        return switch (type) {
            case "*" -> true;
            case "b" -> primitive != null && primitive.isBoolean();
            case "n" -> count(value) >= 0;
            case "0" -> primitive != null && primitive.isNumber() && primitive.getAsDouble() == 0;
            case "s" -> primitive != null && primitive.isString();
            case "c" -> fits(value, "s") && value.getAsString().codePoints().count() == 1;
            case "w" ->
                value instanceof JsonArray pair && pair.size() == 2 && fits(pair.get(0), "s") && fits(pair.get(1), "n");
            case "1" -> fits(value, "s") && !value.getAsString().isEmpty();
            case "m" -> fits(value, "s") && Charsmap.isSound(value.getAsString());
            case "p" ->
                value instanceof JsonObject pattern
                        && pattern.size() == 1
                        && (fits(pattern.get("String"), "s")
                                || regex(value)
                                        .filter(regex ->
                                                SafePattern.problem(regex).isEmpty())
                                        .isPresent());
            case "q" ->
                fits(value, "p")
                        && (fits(value.getAsJsonObject().get("String"), "1")
                                || regex(value).filter(SafePattern::consumes).isPresent());
            default -> fits(value, "s") && List.of(type.split("\\|")).contains(value.getAsString());
        };
    }

    /** A whole number from 0 to {@link #LARGEST_ID}; -1 if it is none. */
    private static int count(JsonElement value) {
        if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            var number = primitive.getAsNumber();
            boolean whole = number instanceof Long || number instanceof Integer;
            return whole && number.longValue() >= 0 && number.longValue() < LARGEST_ID ? number.intValue() : -1;
        }
        return -1;
    }

    private void model(JsonObject model) {
        var kind = model.has("type") ? shown(model.get("type")).replace("\"", "") : "BPE";
        if (!MODELS.containsKey(kind)) {
            throw malformed("model", "the type " + shown(model.get("type")) + " is none of " + MODELS.keySet());
        }
        if (model.get("dropout") instanceof JsonPrimitive dropout && !fits(dropout, "0")) {
            throw malformed(
                    "model", "'dropout' is " + dropout + ": the same text would have other tokens at each call");
        }
        fields("model", model, MODELS.get(kind), "type");
        if (kind.equals("Unigram")) {
            for (var piece : list("model, vocab", model.get("vocab"))) {
                if (!(piece instanceof JsonArray pair)
                        || pair.size() != 2
                        || !fits(pair.get(0), "s")
                        || !(pair.get(1) instanceof JsonPrimitive score && score.isNumber())) {
                    throw malformed("model, vocab", shown(piece) + " is no token with its score");
                }
                claim(pair.get(0).getAsString(), new JsonPrimitive((long) vocabulary.size()));
            }
            if (model.get("unk_id") instanceof JsonPrimitive unknown && count(unknown) >= vocabulary.size()) {
                throw malformed("model", "'unk_id' is " + unknown + " of " + vocabulary.size() + " tokens");
            }
        } else {
            object("model, vocab", model.get("vocab")).asMap().forEach(this::claim);
        }
        if (kind.equals("BPE")) {
            var prefix = model.get("continuing_subword_prefix") instanceof JsonPrimitive one ? one.getAsString() : "";
            for (var merge : list("model, merges", model.get("merges"))) {
                boolean isPair = merge instanceof JsonArray pair
                        && pair.size() == 2
                        && fits(pair.get(0), "s")
                        && fits(pair.get(1), "s");
                if (!isPair && !fits(merge, "s")) {
                    throw malformed("model, merges", shown(merge) + " is no pair of tokens");
                }
                var joined = isPair ? merge.getAsJsonArray().get(1).getAsString() : merge.getAsString();
                if (!joined.substring(joined.indexOf(' ', 1) + 1).startsWith(prefix)) {
                    throw malformed("model, merges", shown(merge) + " goes on without the prefix \"" + prefix + "\"");
                }
            }
        }
    }

    /** A token that the vocabulary has goes by its id there; the library numbers the others on, whatever they say. */
    private void addedTokens() {
        var added = json.get("added_tokens");
        int size = vocabulary.size();
        int last = -1;
        var seen = new HashSet<String>();
        for (var element : added == null || added.isJsonNull() ? new JsonArray() : list("added_tokens", added)) {
            var token = object("added_tokens", element);
            fields("added_tokens", token, ADDED_TOKEN);
            var content = token.get("content").getAsString();
            int next = last >= size || size == 0 ? last + 1 : size;
            int given = vocabulary.getOrDefault(content, next);
            if (content.isEmpty() || !seen.add(content) || count(token.get("id")) != given) {
                throw malformed(
                        "added_tokens",
                        "\"" + content + "\" with the id " + token.get("id")
                                + " is empty, or there twice, or its id is not " + given
                                + ", which follows from the vocabulary");
            }
            if (token.get("normalized").getAsBoolean() && vanishes(content, json.get("normalizer"))) {
                throw malformed("added_tokens", "the normalizer leaves nothing of \"" + content + "\"");
            }
            last = Math.max(last, given);
            ids.set(given);
        }
    }

    /** Whether nothing may be left of an added token, which the library cannot look for then. */
    private static boolean vanishes(String content, JsonElement normalizer) {
        if (!(normalizer instanceof JsonObject step)) {
            return false;
        }
        return switch (step.get("type").getAsString()) {
            case "Sequence" ->
                step.getAsJsonArray("normalizers").asList().stream().anyMatch(each -> vanishes(content, each));
            case "Strip", "StripAccents", "BertNormalizer", "Nmt", "Precompiled" ->
                BLANK.matcher(content).matches();
            case "Replace" -> {
                var pattern = step.getAsJsonObject("pattern");
                yield step.get("content").getAsString().isEmpty()
                        && (pattern.has("Regex")
                                || content.replace(pattern.get("String").getAsString(), "")
                                        .isBlank());
            }
            default -> false;
        };
    }

    /** The library looks the names of a template up without a check. */
    private void template(String where, JsonObject template) {
        var special = object(where, template.get("special_tokens"));
        special.asMap().forEach((name, element) -> {
            var token = object(where, element);
            fields(where, token, "id:s ids:* tokens:*");
            var numbers = list(where, token.get("ids"));
            var texts = list(where, token.get("tokens"));
            boolean sound = numbers.size() == texts.size();
            for (int i = 0; sound && i < numbers.size(); i++) {
                sound = fits(numbers.get(i), "n") && fits(texts.get(i), "s");
            }
            if (!sound || !token.get("id").getAsString().equals(name)) {
                throw malformed(where, "the special token " + shown(element));
            }
        });
        for (var name : List.of("single", "pair")) {
            for (var element : list(where, template.get(name))) {
                var piece = object(where, element);
                var kind = piece.keySet().stream().findFirst().orElse("");
                if (piece.size() != 1 || !Set.of("Sequence", "SpecialToken").contains(kind)) {
                    throw malformed(where, shown(piece) + " is no piece of a template");
                }
                var content = object(where, piece.get(kind));
                fields(where, content, kind.equals("Sequence") ? "id:A|B type_id:n" : "id:s type_id:n");
                if (kind.equals("SpecialToken")
                        && !special.has(content.get("id").getAsString())) {
                    throw malformed(where, "the special token " + content.get("id") + " is not described");
                }
            }
        }
    }

    private void claim(String token, JsonElement id) {
        int number = count(id);
        if (number < 0 || ids.get(number)) {
            throw malformed(
                    "model, vocab",
                    "the id of \"" + token + "\" is " + shown(id)
                            + (number < 0
                                    ? ", no whole number from 0 to " + (LARGEST_ID - 1)
                                    : ", as that of another token"));
        }
        if (vocabulary.put(token, number) != null) {
            throw malformed("model, vocab", "the token \"" + token + "\" is there twice");
        }
        ids.set(number);
    }

    private JsonObject object(String where, JsonElement element) {
        if (element instanceof JsonObject object) {
            return object;
        }
        throw malformed(where, shown(element) + " in place of an object");
    }

    private JsonArray list(String where, JsonElement element) {
        if (element instanceof JsonArray list) {
            return list;
        }
        throw malformed(where, shown(element) + " in place of a list");
    }

    private static String shown(JsonElement element) {
        var text = element == null ? "missing" : element.toString();
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private IllegalArgumentException malformed(String where, String problem) {
        return new IllegalArgumentException(source + " holds no usable tokenizer: " + where + ": " + problem);
    }
}
