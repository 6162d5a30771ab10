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
import org.whylm.lm.weights.GgufMetadata.Type;
import org.whylm.lm.weights.GgufMetadata.Value;

/**
 * A GGUF file, or all parts of a split one, version 2 or 3, little-endian, with tensors in any type that {@link Encoding} has. A tensor of another type is listed, but has no {@link #values}.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">The format</a>
 */
public final class Gguf extends Weights {

    /** One file of a model: all, or a part. */
    private record Part(WeightFile file, GgufMetadata metadata, Map<String, Tensor> tensors) {}

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
                throw opened.file().malformed(PARTS + " is " + split(opened, PARTS, 1) + ", no number of files");
            }
            if (count <= 1) { // 0 where llama-gguf-split has merged the parts
                return new Gguf(files, opened.metadata(), opened.tensors());
            }
            opened.file().close();
            files.clear();
            return joined(opened, count, files);
        } catch (RuntimeException e) {
            files.forEach(WeightFile::close);
            throw e;
        }
    }

    private static Gguf joined(Part opened, int count, List<WeightFile> files) {
        var tensors = new LinkedHashMap<String, Tensor>();
        GgufMetadata metadata = null;
        for (int number = 1; number <= count; number++) {
            var part = part(beside(opened.file(), number, count), files);
            if (split(part, "split.no", -1) != number - 1 || split(part, PARTS, -1) != count) {
                throw part.file().malformed("not part " + number + " of " + count + ", as its name says");
            }
            metadata = metadata == null ? part.metadata() : metadata;
            part.tensors().forEach((name, tensor) -> {
                if (tensors.put(name, tensor) != null) {
                    throw part.file().malformed("tensor \"" + name + "\" is in two parts");
                }
            });
        }
        if (split(opened, "split.tensors.count", tensors.size()) != tensors.size()) {
            throw opened.file().malformed("the parts have " + tensors.size() + " tensors, not as many as they say");
        }
        return new Gguf(files, metadata, tensors);
    }

    /** The file of a part that lies beside the one that was opened. */
    private static Path beside(WeightFile opened, int number, int count) {
        var split = "one part of a model that is split into " + count + " files; ";
        var ending = String.format(Locale.ROOT, "-of-%05d.gguf", count);
        var name = opened.path().getFileName().toString();
        if (!name.matches(".*-\\d{5}\\Q" + ending + "\\E")) {
            throw opened.malformed(split + "their names must end in -00001" + ending + " and so on");
        }
        var stem = name.substring(0, name.length() - ending.length() - 5);
        var part = opened.path().resolveSibling(String.format(Locale.ROOT, "%s%05d%s", stem, number, ending));
        if (!Files.isRegularFile(part)) {
            throw opened.malformed(split + part.getFileName() + " is not beside it");
        }
        return part;
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

        /** Where the number that was read last stands. */
        private int at;

        Header(WeightFile file) {
            this.file = file;
            this.bytes = file.map(0, (int) Math.min(file.size(), MAX_LENGTH));
        }

        Part read() {
            file.rejectLfsPointer();
            need(24, "magic, version and counts");
            if (int32("magic") != MAGIC) {
                throw malformed("not a GGUF file: it does not start with \"GGUF\"");
            }
            int version = int32("version");
            if (version != 2 && version != 3) {
                var why = Integer.reverseBytes(version) == 3 ? " (a big-endian file)" : "";
                throw malformed("GGUF version " + Integer.toUnsignedString(version) + why + "; supported are 2 and 3");
            }
            int tensorCount = count("number of tensors", MIN_TENSOR_LENGTH);
            int entryCount = count("number of metadata entries", MIN_ENTRY_LENGTH);
            var entries = entries(entryCount);
            var metadata = new GgufMetadata(file, bytes, entries);
            var tensors = tensors(tensorCount, alignment(metadata, entries.get(ALIGNMENT)));
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
            tensors.forEach((name, tensor) -> {
                var type = tensor.encoding();
                if (type != null && types.add(type)) {
                    NEVER_TOGETHER.stream().filter(types::containsAll).forEach(pair -> {
                        throw file.malformed(
                                tensor.offset(),
                                "tensor \"" + name + "\" is in " + type + ": tensors in both of " + pair
                                        + " are not in one file");
                    });
                }
            });
        }

        private Map<String, Value> entries(int count) {
            var values = new LinkedHashMap<String, Value>();
            for (int i = 0; i < count; i++) {
                var key = name("metadata key");
                if (values.containsKey(key)) {
                    throw malformed("metadata \"" + key + "\" appears twice");
                }
                values.put(key, value(key));
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
                throw malformed("metadata \"" + key + "\" nests arrays, which is not supported");
            }
            int smallest = elementType == Type.STRING ? Long.BYTES : elementType.size;
            int count = count("length of the array \"" + key + "\"", smallest);
            int position = bytes.position();
            skip(elementType, count, key);
            return new Value(elementType, position, count);
        }

        private Type type(String key) {
            int type = int32("type of metadata \"" + key + "\"");
            if (type < 0 || type >= Type.values().length) {
                throw malformed("metadata \"" + key + "\" has the unknown type " + Integer.toUnsignedString(type));
            }
            return Type.values()[type];
        }

        private void skip(Type type, int count, String key) {
            if (type == Type.STRING) {
                var length = "length of the string in metadata \"" + key + "\"";
                for (int i = 0; i < count; i++) {
                    skip(count(length, 1));
                }
            } else {
                need((long) type.size * count, "value of metadata \"" + key + "\"");
                skip(type.size * count);
            }
        }

        private void skip(int length) {
            bytes.position(bytes.position() + length);
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
            var tensors = new LinkedHashMap<String, Tensor>();
            for (int i = 0; i < count; i++) {
                var name = name("tensor name");
                if (tensors.containsKey(name)) {
                    throw malformed("tensor \"" + name + "\" appears twice");
                }
                tensors.put(name, tensor("tensor \"" + name + "\"", alignment));
            }
            long dataStart = (bytes.position() + (long) alignment - 1) / alignment * alignment;
            tensors.replaceAll((name, tensor) -> placed(name, tensor, dataStart));
            if (!tensors.isEmpty()) {
                requireContiguous(file, tensors, dataStart, alignment);
            }
            return tensors;
        }

        private Tensor tensor(String called, int alignment) {
            int dimensions = int32("number of dimensions of " + called);
            if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
                throw malformed(called + " has " + Integer.toUnsignedString(dimensions)
                        + " dimensions; supported are 1 to " + MAX_DIMENSIONS);
            }
            need((long) dimensions * Long.BYTES + Integer.BYTES + Long.BYTES, "description of " + called);
            var shape = new long[dimensions];
            long elements = 1;
            for (int i = dimensions - 1; i >= 0; i--) {
                shape[i] = int64("shape of " + called);
                if (shape[i] < 1 || shape[i] > Long.MAX_VALUE / Float.BYTES / elements) {
                    throw malformed(called + " has the impossible dimension " + Long.toUnsignedString(shape[i]));
                }
                elements *= shape[i];
            }
            int type = int32("type of " + called);
            var encoding = Arrays.stream(Encoding.values())
                    .filter(each -> each.ggmlType == type)
                    .findFirst()
                    .orElse(null);
            long columns = shape[dimensions - 1];
            if (encoding != null && dimensions == 1 && encoding.elements > 1) {
                throw malformed(called + " is a vector in " + encoding + "; norms are F32, F16 or BF16");
            }
            if (encoding != null && columns % encoding.elements != 0) {
                throw malformed(called + " has rows of " + columns + " elements, not a multiple of " + encoding.elements
                        + " as " + encoding + " needs");
            }
            long offset = int64("offset of " + called);
            if (offset < 0 || offset % alignment != 0) {
                throw malformed(called + " has the offset " + Long.toUnsignedString(offset)
                        + ", not a multiple of the alignment " + alignment);
            }
            long length = encoding == null ? Tensor.UNKNOWN : elements / encoding.elements * encoding.bytes;
            return new Tensor(file, shape, "ggml type " + type, encoding, offset, elements, length);
        }

        /** The tensor with its offset counted from the start of the file, if it lies inside the file. */
        private Tensor placed(String name, Tensor tensor, long dataStart) {
            long room = file.size() - dataStart, length = Math.max(0, tensor.bytes());
            if (tensor.offset() > room || length > room - tensor.offset()) {
                throw file.malformed(
                        file.size(),
                        "the file ends inside tensor \"" + name + "\", which has " + length + " bytes at offset "
                                + tensor.offset() + " of the data that starts at byte " + dataStart);
            }
            long offset = dataStart + tensor.offset();
            return new Tensor(
                    file, tensor.shape(), tensor.type(), tensor.encoding(), offset, tensor.elements(), tensor.bytes());
        }

        private String name(String what) {
            int length = count("length of a " + what, 1);
            if (length > MAX_KEY_LENGTH) {
                throw malformed(what + " of " + length + " bytes; the longest allowed has " + MAX_KEY_LENGTH);
            }
            try {
                var name = GgufMetadata.text(bytes, bytes.position(), length);
                skip(length);
                return name;
            } catch (CharacterCodingException e) {
                throw new WeightsFormatException(file.path(), bytes.position(), what + " is not UTF-8", e);
            }
        }

        /** Reads a count of things that each take at least {@code smallest} bytes of what is left of the header. */
        private int count(String what, int smallest) {
            long count = int64(what);
            if (count < 0 || count > bytes.remaining() / smallest) {
                throw malformed(what + " is " + Long.toUnsignedString(count) + ", but only " + bytes.remaining()
                        + " bytes of the " + (file.size() > MAX_LENGTH ? "longest allowed header" : "file")
                        + " are left");
            }
            return (int) count;
        }

        private int int32(String what) {
            need(Integer.BYTES, what);
            at = bytes.position();
            return bytes.getInt();
        }

        private long int64(String what) {
            need(Long.BYTES, what);
            at = bytes.position();
            return bytes.getLong();
        }

        private void need(long length, String what) {
            if (length > bytes.remaining()) {
                throw file.malformed(
                        bytes.position(),
                        (file.size() > MAX_LENGTH ? "header longer than " + MAX_LENGTH + " bytes" : "the file ends")
                                + " in the " + what);
            }
        }

        /** An error of the number that was read last. */
        private WeightsFormatException malformed(String problem) {
            return file.malformed(at, problem);
        }
    }
}
