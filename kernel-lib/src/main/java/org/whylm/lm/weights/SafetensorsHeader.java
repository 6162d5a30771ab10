package org.whylm.lm.weights;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.MalformedJsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.whylm.lm.weights.WeightFile.Region;
import org.whylm.run.Sha256;

/** The JSON of safetensors files, read strictly: no key twice, every number a plain non-negative integer. */
final class SafetensorsHeader {

    /**
     * A tensor as the header describes it.
     *
     * @param region of its data; without encoding if the type is not supported
     * @param end just after its data
     */
    record Tensor(String dtype, long[] shape, Region region, long end) {

        long start() {
            return region.offset();
        }
    }

    /** The limit that the format's reference implementation sets. */
    private static final int MAX_LENGTH = 100_000_000;

    /** What this library's own files have in {@code __metadata__}: SHA-256 of names, shapes and data. */
    static final String CHECKSUM = "whylm_sha256";

    private static final int CHUNK = 1 << 24;

    private static final Pattern INTEGER = Pattern.compile("0|[1-9][0-9]{0,17}");

    private final WeightFile file;
    private final long start;
    private final JsonReader json;
    private String checksum;

    private SafetensorsHeader(WeightFile file, long start, int length) {
        this.file = file;
        this.start = start;
        this.json = new JsonReader(new StringReader(text(file, start, length)));
        json.setStrictness(Strictness.STRICT);
    }

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
        var header = new SafetensorsHeader(file, Long.BYTES, (int) length);
        var tensors = header.parsed(() -> header.tensors(Long.BYTES + length));
        requireContiguous(file, tensors, Long.BYTES + length);
        if (header.checksum != null && !header.checksum.equals(checksum(file, tensors, Long.BYTES + length))) {
            throw file.malformed(
                    Long.BYTES + length,
                    "the tensors were changed since they were written (their SHA-256 differs): remove the file, and what"
                            + " made it makes it again");
        }
        return tensors;
    }

    /** The map from tensor to shard of {@code model.safetensors.index.json}. */
    static Map<String, String> weightMap(WeightFile index) {
        index.rejectLfsPointer();
        if (index.size() > MAX_LENGTH) {
            throw index.malformed(MAX_LENGTH, "the index is longer than " + MAX_LENGTH + " bytes");
        }
        var header = new SafetensorsHeader(index, 0, (int) index.size());
        return header.parsed(header::weightMap);
    }

    private static String checksum(WeightFile file, Map<String, Tensor> tensors, long dataStart) {
        var digest = Sha256.digest();
        tensors.forEach((name, tensor) -> digest.update(described(name, tensor.shape())));
        for (long at = dataStart; at < file.size(); at += CHUNK) {
            digest.update(file.map(at, (int) Math.min(CHUNK, file.size() - at)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    static byte[] described(String name, long[] shape) {
        return (name + Arrays.toString(shape) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private interface Parser<T> {
        T parse() throws IOException;
    }

    private <T> T parsed(Parser<T> parser) {
        try {
            var result = parser.parse();
            if (json.peek() != JsonToken.END_DOCUMENT) {
                throw unexpected("the end of the header");
            }
            return result;
        } catch (MalformedJsonException | EOFException e) {
            throw new WeightsFormatException(file.path(), start, "the header is not sound JSON: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new AssertionError("A string cannot fail to be read", e);
        }
    }

    private Map<String, Tensor> tensors(long dataStart) throws IOException {
        var tensors = new LinkedHashMap<String, Tensor>();
        boolean metadata = false;
        enter(JsonToken.BEGIN_OBJECT);
        while (json.hasNext()) {
            var name = json.nextName();
            boolean twice;
            if (name.equals("__metadata__")) {
                twice = metadata;
                metadata = true;
                checksum = strings().get(CHECKSUM);
            } else {
                twice = tensors.put(name, tensor(dataStart)) != null;
            }
            if (twice) {
                throw malformed("\"" + name + "\" appears twice");
            }
        }
        json.endObject();
        return tensors;
    }

    private Tensor tensor(long dataStart) throws IOException {
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        enter(JsonToken.BEGIN_OBJECT);
        while (json.hasNext()) {
            var key = json.nextName();
            boolean twice = false;
            switch (key) {
                case "dtype" -> {
                    twice = dtype != null;
                    dtype = string();
                }
                case "shape" -> {
                    twice = shape != null;
                    shape = integers();
                }
                case "data_offsets" -> {
                    twice = offsets != null;
                    offsets = integers();
                }
                default -> json.skipValue(); // as in the format's own library
            }
            if (twice) {
                throw malformed("\"" + key + "\" appears twice");
            }
        }
        if (dtype == null || shape == null || offsets == null) {
            throw malformed("the tensor needs dtype, shape and data_offsets");
        }
        long elements = elements(shape);
        if (offsets.size() != 2 || offsets.get(0) > offsets.get(1) || offsets.get(1) > file.size() - dataStart) {
            throw malformed("data_offsets " + offsets + " are not a range of the " + (file.size() - dataStart)
                    + " bytes of data");
        }
        var encoding = encoding(dtype);
        long length = offsets.get(1) - offsets.get(0);
        if (encoding != null && elements * encoding.bytes != length) {
            throw malformed("data_offsets " + offsets + " span " + length + " bytes, but the shape " + shape + " in "
                    + dtype + " takes " + elements * encoding.bytes);
        }
        json.endObject();
        return new Tensor(
                dtype,
                shape.stream().mapToLong(Long::longValue).toArray(),
                new Region(encoding, dataStart + offsets.get(0), elements),
                dataStart + offsets.get(1));
    }

    private static Encoding encoding(String dtype) {
        return switch (dtype) {
            case "F32" -> Encoding.F32;
            case "F16" -> Encoding.F16;
            case "BF16" -> Encoding.BF16;
            default -> null;
        };
    }

    private long elements(List<Long> shape) {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension > 0 && elements > Long.MAX_VALUE / Long.BYTES / dimension) {
                throw malformed("the shape " + shape + " is too large");
            }
            elements *= dimension;
        }
        return elements;
    }

    private static void requireContiguous(WeightFile file, Map<String, Tensor> tensors, long dataStart) {
        var sorted = new ArrayList<>(tensors.entrySet());
        sorted.sort(Comparator.comparingLong(
                        (Map.Entry<String, Tensor> t) -> t.getValue().start())
                .thenComparingLong(t -> t.getValue().end()));
        long end = dataStart;
        for (var named : sorted) {
            var tensor = named.getValue();
            if (tensor.start() != end) {
                throw file.malformed(
                        tensor.start(),
                        "tensor \"" + named.getKey() + "\" starts here, but "
                                + (tensor.start() < end
                                        ? "overlaps the data before it, which ends"
                                        : "there is a gap since")
                                + " at byte " + end);
            }
            end = tensor.end();
        }
        if (end != file.size()) {
            throw file.malformed(end, "the tensors end here, but the file has " + file.size() + " bytes");
        }
    }

    private Map<String, String> weightMap() throws IOException {
        Map<String, String> weightMap = null;
        enter(JsonToken.BEGIN_OBJECT);
        while (json.hasNext()) {
            if (!json.nextName().equals("weight_map")) {
                json.skipValue();
            } else if (weightMap != null) {
                throw malformed("\"weight_map\" appears twice");
            } else {
                weightMap = strings();
            }
        }
        if (weightMap == null) {
            throw malformed("the index has no \"weight_map\"");
        }
        json.endObject();
        return weightMap;
    }

    private Map<String, String> strings() throws IOException {
        var strings = new LinkedHashMap<String, String>();
        enter(JsonToken.BEGIN_OBJECT);
        while (json.hasNext()) {
            var name = json.nextName();
            if (strings.put(name, string()) != null) {
                throw malformed("\"" + name + "\" appears twice");
            }
        }
        json.endObject();
        return strings;
    }

    private List<Long> integers() throws IOException {
        var integers = new ArrayList<Long>();
        if (json.peek() != JsonToken.BEGIN_ARRAY) {
            throw unexpected("an array");
        }
        json.beginArray();
        while (json.hasNext()) {
            if (json.peek() != JsonToken.NUMBER) {
                throw unexpected("an integer");
            }
            var digits = json.nextString();
            if (!INTEGER.matcher(digits).matches()) {
                throw malformed(digits + " is not an integer from 0 to 10^18");
            }
            integers.add(Long.parseLong(digits));
        }
        json.endArray();
        return integers;
    }

    private String string() throws IOException {
        if (json.peek() != JsonToken.STRING) {
            throw unexpected("a string");
        }
        return json.nextString();
    }

    private void enter(JsonToken token) throws IOException {
        if (json.peek() != token) {
            throw unexpected("an object");
        }
        json.beginObject();
    }

    private WeightsFormatException unexpected(String wanted) throws IOException {
        return malformed(json.peek() + " in place of " + wanted);
    }

    private WeightsFormatException malformed(String problem) {
        return file.malformed(start, "header, " + json.getPath() + ": " + problem);
    }

    private static String text(WeightFile file, long start, int length) {
        ByteBuffer bytes = file.map(start, length);
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            throw new WeightsFormatException(file.path(), start + bytes.position(), "the header is not UTF-8", e);
        }
    }
}
