package org.whylm.lm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;

/**
 * SentencePiece's table of replacements in a {@code Precompiled} normalizer: the size of a trie in bytes, the trie as a double array
 * of 32-bit words, and the replacements, each up to a zero byte. Hugging Face's library follows it without looking at bounds, and ends
 * the process beyond them.
 */
record Charsmap(int[] trie, byte[] replacements) {

    /** Whether the library may read it: no text leads it out of the trie or of the replacements. */
    static boolean isSound(String base64) {
        try {
            var bytes = Base64.getDecoder().decode(base64);
            if (!Base64.getEncoder().encodeToString(bytes).equals(base64) || bytes.length < Integer.BYTES) {
                return false;
            }
            var content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            int size = content.getInt();
            if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > content.remaining()) {
                return false;
            }
            var trie = new int[size / Integer.BYTES];
            content.asIntBuffer().get(trie);
            var replacements = content.slice(Integer.BYTES + size, content.remaining() - size);
            StandardCharsets.UTF_8.newDecoder().decode(replacements.duplicate());
            var text = new byte[replacements.remaining()];
            replacements.get(text);
            return new Charsmap(trie, text).staysWithin();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return false;
        }
    }

    /** Visits every place that some bytes lead to. */
    private boolean staysWithin() {
        var seen = new BitSet();
        var places = new ArrayDeque<Long>();
        places.add(offset(trie[0]));
        while (!places.isEmpty()) {
            long place = places.remove();
            if ((place | 0xFF) >= trie.length) {
                return false;
            }
            if (seen.get((int) place)) {
                continue;
            }
            seen.set((int) place);
            for (int character = 1; character <= 0xFF; character++) {
                int unit = trie[(int) place ^ character];
                if ((unit & 0x800000FF) == character) {
                    long next = place ^ character ^ offset(unit);
                    boolean isEnd = (unit >> 8 & 1) == 1;
                    if (isEnd && (next >= trie.length || !isReplacement(trie[(int) next] & Integer.MAX_VALUE))) {
                        return false;
                    }
                    places.add(next);
                }
            }
        }
        return true;
    }

    private static long offset(int unit) {
        return (unit & 0xFFFFFFFFL) >> 10 << ((unit & 1 << 9) >> 6);
    }

    /** Whether a character starts there. */
    private boolean isReplacement(int at) {
        return at < replacements.length && (replacements[at] & 0xC0) != 0x80;
    }
}
