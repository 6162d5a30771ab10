package org.whylm.lm.weights;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.whylm.lm.weights.Weights.Tensor;
import org.whylm.run.Sha256;
import org.whylm.run.StrictJson;

/** The JSON of safetensors files, read strictly: no key twice, every number a plain non-negative integer. */
record SafetensorsHeader(WeightFile file, long start, long end) {

    /** The limit that the format's reference implementation sets. */
    private static final int MAX_LENGTH = 100_000_000;

    private static final String METADATA = "__metadata__";

    /** What this library's own files have in {@code __metadata__}: SHA-256 of names, shapes and data. */
    static final String CHECKSUM = "whylm_sha256";

    private static final String WEIGHT_MAP = "weight_map";
    private static final int CHUNK = 1 << 24;

    /** The tensors of one safetensors file, whose data must fill the rest of the file without gap or overlap. */
    static Map<String, Tensor> tensors(WeightFile file) {
        file.rejectLfsPointer();
        if (file.size() < Long.BYTES) {
            throw file.malformed(file.size(), "the file ends in the length of the header");
        }
        long length = file.map(0, Long.BYTES).getLong();
        if (length < 0 || length > Math.min(MAX_LENGTH, file.size() - Long.BYTES)) {
            throw file.malformed(
                    0,
                    "the header's length is " + Long.toUnsignedString(length) + ", but the file has "
                            + (file.size() - Long.BYTES) + " more bytes and the longest allowed header " + MAX_LENGTH);
        }
        if (length == 0 || file.map(Long.BYTES, 1).get() != '{') {
            throw file.malformed(Long.BYTES, "the header does not begin with {");
        }
        return new SafetensorsHeader(file, Long.BYTES, Long.BYTES + length).tensors();
    }

    /** The map from tensor to shard of {@code model.safetensors.index.json}. */
    static Map<String, String> weightMap(WeightFile index) {
        index.rejectLfsPointer();
        if (index.size() > MAX_LENGTH) {
            throw index.malformed(MAX_LENGTH, "the index is longer than " + MAX_LENGTH + " bytes");
        }
        var header = new SafetensorsHeader(index, 0, index.size());
        var json = header.json();
        if (!json.has(WEIGHT_MAP)) {
            throw header.malformed("the index has no \"" + WEIGHT_MAP + "\"");
        }
        return header.strings(WEIGHT_MAP, json.get(WEIGHT_MAP));
    }

    private Map<String, Tensor> tensors() {
        var json = json();
        var metadata = json.has(METADATA) ? strings(METADATA, json.remove(METADATA)) : Map.<String, String>of();
        var tensors = new LinkedHashMap<String, Tensor>();
        json.asMap().forEach((name, tensor) -> tensors.put(name, tensor(name, tensor)));
        Weights.requireContiguous(file, tensors, end, 1);
        if (metadata.containsKey(CHECKSUM) && !metadata.get(CHECKSUM).equals(checksum(tensors))) {
            throw file.malformed(
                    end,
                    "the tensors were changed since they were written (their SHA-256 differs): remove the file, and what"
                            + " made it makes it again");
        }
        return tensors;
    }

    private String checksum(Map<String, Tensor> tensors) {
        var digest = Sha256.digest();
        tensors.forEach((name, tensor) -> digest.update(described(name, tensor.shape())));
        for (long at = end; at < file.size(); at += CHUNK) {
            digest.update(file.map(at, (int) Math.min(CHUNK, file.size() - at)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static byte[] described(String name, long[] shape) {
        return (name + Arrays.toString(shape) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** What else is said of a tensor is passed over, as in the format's own library. */
    private Tensor tensor(String name, JsonElement element) {
        if (!(element instanceof JsonObject json) || !isString(json.get("dtype"))) {
            throw malformed("\"" + name + "\" needs dtype, shape and data_offsets");
        }
        var dtype = json.get("dtype").getAsString();
        var shape = integers(name, json, "shape");
        var offsets = integers(name, json, "data_offsets");
        long elements = elements(name, shape), room = file.size() - end;
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > room) {
            throw malformed("\"" + name + "\": data_offsets " + Arrays.toString(offsets) + " are not a range of the "
                    + room + " bytes of data");
        }
        var encoding = Set.of("F32", "F16", "BF16").contains(dtype) ? Encoding.valueOf(dtype) : null;
        long length = offsets[1] - offsets[0];
        if (encoding != null && elements * encoding.bytes != length) {
            throw malformed("\"" + name + "\": data_offsets " + Arrays.toString(offsets) + " span " + length
                    + " bytes, but the shape " + Arrays.toString(shape) + " in " + dtype + " takes "
                    + elements * encoding.bytes);
        }
        return new Tensor(file, shape, "dtype " + dtype, encoding, end + offsets[0], elements, length);
    }

    private long elements(String name, long[] shape) {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension > 0 && elements > Long.MAX_VALUE / Long.BYTES / dimension) {
                throw malformed("\"" + name + "\": the shape " + Arrays.toString(shape) + " is too large");
            }
            elements *= dimension;
        }
        return elements;
    }

    private long[] integers(String name, JsonObject tensor, String key) {
        if (tensor.get(key) instanceof JsonArray array
                && array.asList().stream().allMatch(SafetensorsHeader::isPlainInteger)) {
            return array.asList().stream().mapToLong(JsonElement::getAsLong).toArray();
        }
        throw malformed("\"" + name + "\": " + key + " is " + tensor.get(key)
                + ", in place of a list of integers from 0 to 10^18");
    }

    private static boolean isPlainInteger(JsonElement element) {
        return element instanceof JsonPrimitive number
                && number.isNumber()
                && number.getAsNumber() instanceof Long integer
                && integer >= 0;
    }

    private static boolean isString(JsonElement element) {
        return element instanceof JsonPrimitive primitive && primitive.isString();
    }

    private Map<String, String> strings(String name, JsonElement element) {
        if (!(element instanceof JsonObject object)
                || !object.asMap().values().stream().allMatch(SafetensorsHeader::isString)) {
            throw malformed("\"" + name + "\" is no object with strings");
        }
        var strings = new LinkedHashMap<String, String>();
        object.asMap().forEach((key, value) -> strings.put(key, value.getAsString()));
        return strings;
    }

    private JsonObject json() {
        var bytes = file.map(start, (int) (end - start));
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (StrictJson.parse(text, "the header") instanceof JsonObject object) {
                return object;
            }
            throw malformed("it is no JSON object");
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(file.path(), start + bytes.position(), "the header is not UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new WeightsFormatException(file.path(), start, e.getMessage(), e);
        }
    }

    private WeightsFormatException malformed(String problem) {
        return file.malformed(start, "the header: " + problem);
    }
}
