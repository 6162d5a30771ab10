package org.whylm.lm.weights;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.whylm.lm.weights.GgufMetadata.Type;
import org.whylm.lm.weights.GgufMetadata.Value;
import org.whylm.lm.weights.WeightFile.Region;

/**
 * A GGUF file, or all parts of a split one, version 2 or 3, little-endian, with tensors in any type that {@link Encoding} has. A tensor of another type is listed, but has no {@link #values}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
public final class Gguf extends Weights {

    /** One file of a model: all, or a part. */
    private record Part(WeightFile file, GgufMetadata metadata, Map<String, Tensor> tensors) {}

    private static final Pattern PART_NAME = Pattern.compile("(.*)-(\\d{5})-of-(\\d{5})\\.gguf");
    private static final String PARTS = "split.count";
    private static final int MOST_PARTS = 99_999;

    private final GgufMetadata metadata;

    private Gguf(List<WeightFile> files, GgufMetadata metadata, Map<String, Tensor> tensors) {
        super(files.get(0).path(), files, tensors, "one of " + Arrays.toString(Encoding.values()));
        this.metadata = metadata;
    }

    /**
     * Opens a file and checks its header; of a model that is split into several files any one, with the others beside it.
     *
     * @throws WeightsFormatException if it is not a sound GGUF file, or a part of a model is missing
     * @throws java.io.UncheckedIOException if it cannot be read
     */
    public static Gguf open(Path path) {
        var files = new ArrayList<WeightFile>();
        try {
            var opened = part(path, files);
            int count = (int) Math.min(split(opened, PARTS, 1), MOST_PARTS + 1L);
            if (count < 0 || count > MOST_PARTS) {
                throw opened.file().malformed(0, PARTS + " is " + split(opened, PARTS, 1) + ", no number of files");
            }
            if (count <= 1) { // 0 where llama-gguf-split has merged the parts
                return new Gguf(files, opened.metadata(), opened.tensors());
            }
            files.forEach(WeightFile::close);
            files.clear();
            var name = PART_NAME.matcher(path.getFileName().toString());
            GgufMetadata metadata = null;
            var tensors = new LinkedHashMap<String, Tensor>();
            for (int number = 1; number <= count; number++) {
                var part = !name.matches() || Integer.parseInt(name.group(3)) != count
                        ? null
                        : path.resolveSibling(
                                String.format(Locale.ROOT, "%s-%05d-of-%05d.gguf", name.group(1), number, count));
                if (part == null || !Files.isRegularFile(part)) {
                    throw opened.file()
                            .malformed(
                                    0,
                                    "one part of a model that is split into " + count + " files; "
                                            + (part == null
                                                    ? String.format(
                                                            Locale.ROOT,
                                                            "their names must end in -00001-of-%05d.gguf and so on",
                                                            count)
                                                    : part.getFileName() + " is not beside it"));
                }
                var read = part(part, files);
                if (split(read, "split.no", -1) != number - 1 || split(read, PARTS, -1) != count) {
                    throw read.file().malformed(0, "not part " + number + " of " + count + ", as its name says");
                }
                metadata = metadata == null ? read.metadata() : metadata;
                for (var tensor : read.tensors().entrySet()) {
                    if (tensors.put(tensor.getKey(), tensor.getValue()) != null) {
                        throw read.file().malformed(0, "tensor \"" + tensor.getKey() + "\" is in two parts");
                    }
                }
            }
            if (split(opened, "split.tensors.count", tensors.size()) != tensors.size()) {
                throw opened.file()
                        .malformed(0, "the parts have " + tensors.size() + " tensors, not as many as they say");
            }
            return new Gguf(files, metadata, tensors);
        } catch (RuntimeException e) {
            files.forEach(WeightFile::close);
            throw e;
        }
    }

    private static Part part(Path path, List<WeightFile> files) {
        var file = WeightFile.open(path);
        files.add(file);
        return new Header(file).read();
    }

    private static long split(Part part, String key, long otherwise) {
        return part.metadata().has(key) ? part.metadata().integer(key) : otherwise;
    }

    /** The key-value pairs of the file; of several, of the first. */
    public GgufMetadata metadata() {
        return metadata;
    }

    /** A cursor over the header that checks what it reads. */
    private static final class Header {

        /** Headers of real models, vocabulary included, are some 10 MB long. */
        private static final int MAX_LENGTH = 1 << 26;

        private static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
        private static final String ALIGNMENT = "general.alignment";
        private static final int MAX_KEY_LENGTH = 0xffff;
        private static final int MAX_DIMENSIONS = 4;
        private static final int MIN_ENTRY_LENGTH = 13;
        private static final int MIN_TENSOR_LENGTH = 24;

        private final WeightFile file;
        private final ByteBuffer bytes;

        Header(WeightFile file) {
            this.file = file;
            this.bytes = file.map(0, (int) Math.min(file.size(), MAX_LENGTH));
        }

        Part read() {
            file.rejectLfsPointer();
            need(24, "magic, version and counts");
            if (bytes.getInt() != MAGIC) {
                throw file.malformed(0, "not a GGUF file: it does not start with \"GGUF\"");
            }
            int version = bytes.getInt();
            if (version != 2 && version != 3) {
                var why = Integer.reverseBytes(version) == 3 ? " (a big-endian file)" : "";
                throw file.malformed(
                        4, "GGUF version " + Integer.toUnsignedString(version) + why + "; supported are 2 and 3");
            }
            int tensorCount = count("number of tensors", MIN_TENSOR_LENGTH);
            int entryCount = count("number of metadata entries", MIN_ENTRY_LENGTH);
            var entries = entries(entryCount);
            var metadata = new GgufMetadata(file, bytes, entries);
            int alignment = alignment(metadata, entries.get(ALIGNMENT));
            var tensors = tensors(tensorCount, alignment);
            rejectTypesOfOneSize(tensors);
            return new Part(file, metadata, tensors);
        }

        /**
         * Types of one size, between which a damaged type would give other numbers unnoticed. llama.cpp never puts both of a pair into
         * one file.
         */
        private static final List<Set<Encoding>> NEVER_TOGETHER = List.of(
                EnumSet.of(Encoding.F16, Encoding.BF16),
                EnumSet.of(Encoding.Q4_0, Encoding.IQ4_NL),
                EnumSet.of(Encoding.IQ2_XXS, Encoding.TQ2_0));

        private void rejectTypesOfOneSize(Map<String, Tensor> tensors) {
            var types = EnumSet.noneOf(Encoding.class);
            for (var named : tensors.entrySet()) {
                var region = named.getValue().region();
                if (region.encoding() != null && types.add(region.encoding())) {
                    for (var pair : NEVER_TOGETHER) {
                        if (types.containsAll(pair)) {
                            throw file.malformed(
                                    region.offset(),
                                    "tensor \"" + named.getKey() + "\" is in " + region.encoding()
                                            + ": tensors in both of " + pair + " are not in one file");
                        }
                    }
                }
            }
        }

        private Map<String, Value> entries(int count) {
            var values = new LinkedHashMap<String, Value>();
            for (int i = 0; i < count; i++) {
                int start = bytes.position();
                var key = name("metadata key");
                if (values.put(key, value(key)) != null) {
                    throw file.malformed(start, "metadata \"" + key + "\" appears twice");
                }
            }
            return values;
        }

        private Value value(String key) {
            var type = type(key);
            if (type != Type.ARRAY) {
                int position = bytes.position();
                skip(type, 1, key);
                return new Value(type, position, -1);
            }
            var elementType = type(key);
            if (elementType == Type.ARRAY) {
                throw file.malformed(
                        bytes.position() - Integer.BYTES,
                        "metadata \"" + key + "\" nests arrays, which is not supported");
            }
            need(Long.BYTES, "length of the array \"" + key + "\"");
            int smallest = elementType == Type.STRING ? Long.BYTES : elementType.size;
            int count = count("length of the array \"" + key + "\"", smallest);
            int position = bytes.position();
            skip(elementType, count, key);
            return new Value(elementType, position, count);
        }

        private Type type(String key) {
            int start = bytes.position();
            need(Integer.BYTES, "type of metadata \"" + key + "\"");
            int type = bytes.getInt();
            if (type < 0 || type >= Type.values().length) {
                throw file.malformed(
                        start, "metadata \"" + key + "\" has the unknown type " + Integer.toUnsignedString(type));
            }
            return Type.values()[type];
        }

        private void skip(Type type, int count, String key) {
            var what = "value of metadata \"" + key + "\"";
            if (type == Type.STRING) {
                for (int i = 0; i < count; i++) {
                    need(Long.BYTES, what);
                    int length = count("length of the string in metadata \"" + key + "\"", 1);
                    bytes.position(bytes.position() + length);
                }
            } else {
                need((long) type.size * count, what);
                bytes.position(bytes.position() + type.size * count);
            }
        }

        private int alignment(GgufMetadata metadata, Value entry) {
            if (entry == null) {
                return 32;
            }
            long alignment = metadata.integer(ALIGNMENT);
            if (Long.bitCount(alignment) != 1 || alignment < 1 || alignment > 1 << 20) {
                throw file.malformed(
                        entry.position(),
                        "metadata \"" + ALIGNMENT + "\" is " + alignment + ", not a power of two up to 2^20");
            }
            return (int) alignment;
        }

        private Map<String, Tensor> tensors(int count, int alignment) {
            var relative = new LinkedHashMap<String, Tensor>();
            for (int i = 0; i < count; i++) {
                int start = bytes.position();
                var name = name("tensor name");
                if (relative.put(name, tensor(name, alignment)) != null) {
                    throw file.malformed(start, "tensor \"" + name + "\" appears twice");
                }
            }
            long dataStart = (bytes.position() + (long) alignment - 1) / alignment * alignment;
            var tensors = new LinkedHashMap<String, Tensor>();
            relative.forEach((name, tensor) -> tensors.put(name, placed(name, tensor, dataStart)));
            if (!tensors.isEmpty()) {
                requireContiguous(file, tensors, dataStart, alignment);
            }
            return tensors;
        }

        private Tensor tensor(String name, int alignment) {
            need(Integer.BYTES, "number of dimensions of tensor \"" + name + "\"");
            int dimensions = bytes.getInt();
            if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
                throw file.malformed(
                        bytes.position() - Integer.BYTES,
                        "tensor \"" + name + "\" has " + Integer.toUnsignedString(dimensions)
                                + " dimensions; supported are 1 to " + MAX_DIMENSIONS);
            }
            need((long) dimensions * Long.BYTES + Integer.BYTES + Long.BYTES, "description of tensor \"" + name + "\"");
            var shape = new long[dimensions];
            long elements = 1;
            for (int i = dimensions - 1; i >= 0; i--) {
                shape[i] = bytes.getLong();
                if (shape[i] < 1 || shape[i] > Long.MAX_VALUE / Float.BYTES / elements) {
                    throw file.malformed(
                            bytes.position() - Long.BYTES,
                            "tensor \"" + name + "\" has the impossible dimension " + Long.toUnsignedString(shape[i]));
                }
                elements *= shape[i];
            }
            int type = bytes.getInt();
            var encoding = encoding(type);
            if (encoding != null && dimensions == 1 && encoding.elements > 1) {
                throw file.malformed(
                        bytes.position() - Integer.BYTES,
                        "tensor \"" + name + "\" is a vector in " + encoding + "; norms are F32, F16 or BF16");
            }
            if (encoding != null && shape[dimensions - 1] % encoding.elements != 0) {
                throw file.malformed(
                        bytes.position() - Integer.BYTES,
                        "tensor \"" + name + "\" has rows of " + shape[dimensions - 1] + " elements, not a multiple of "
                                + encoding.elements + " as " + encoding + " needs");
            }
            long offset = bytes.getLong();
            if (offset < 0 || offset % alignment != 0) {
                throw file.malformed(
                        bytes.position() - Long.BYTES,
                        "tensor \"" + name + "\" has the offset " + Long.toUnsignedString(offset)
                                + ", not a multiple of the alignment " + alignment);
            }
            long length = encoding == null ? Region.UNKNOWN : elements / encoding.elements * encoding.bytes;
            return new Tensor(file, shape, "ggml type " + type, new Region(encoding, offset, elements, length));
        }

        private static Encoding encoding(int ggmlType) {
            for (var encoding : Encoding.values()) {
                if (encoding.ggmlType == ggmlType) {
                    return encoding;
                }
            }
            return null;
        }

        /** The tensor with its offset counted from the start of the file, if it lies inside the file. */
        private Tensor placed(String name, Tensor tensor, long dataStart) {
            var region = tensor.region();
            long room = file.size() - dataStart, length = Math.max(0, region.bytes());
            if (region.offset() > room || length > room - region.offset()) {
                throw file.malformed(
                        file.size(),
                        "the file ends inside tensor \"" + name + "\", which has " + length + " bytes at offset "
                                + region.offset() + " of the data that starts at byte " + dataStart);
            }
            var placed = new Region(region.encoding(), dataStart + region.offset(), region.elements(), region.bytes());
            return new Tensor(file, tensor.shape(), tensor.type(), placed);
        }

        private String name(String what) {
            int start = bytes.position();
            need(Long.BYTES, what);
            int length = count("length of a " + what, 1);
            if (length > MAX_KEY_LENGTH) {
                throw file.malformed(
                        start, what + " of " + length + " bytes; the longest allowed has " + MAX_KEY_LENGTH);
            }
            try {
                var name = GgufMetadata.text(bytes, bytes.position(), length);
                bytes.position(bytes.position() + length);
                return name;
            } catch (CharacterCodingException e) {
                throw new WeightsFormatException(file.path(), start + Long.BYTES, what + " is not UTF-8", e);
            }
        }

        /** Reads a count of things that each take at least {@code smallest} bytes of what is left of the header. */
        private int count(String what, int smallest) {
            int start = bytes.position();
            long count = bytes.getLong();
            if (count < 0 || count > bytes.remaining() / smallest) {
                throw file.malformed(
                        start,
                        what + " is " + Long.toUnsignedString(count) + ", but only " + bytes.remaining()
                                + " bytes of the " + (file.size() > MAX_LENGTH ? "longest allowed header" : "file")
                                + " are left");
            }
            return (int) count;
        }

        private void need(long length, String what) {
            if (length > bytes.remaining()) {
                throw file.malformed(
                        bytes.position(),
                        (file.size() > MAX_LENGTH ? "header longer than " + MAX_LENGTH + " bytes" : "the file ends")
                                + " in the " + what);
            }
        }
    }
}
