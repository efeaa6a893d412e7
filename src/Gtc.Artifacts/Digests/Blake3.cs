using System.Buffers.Binary;
using System.Numerics;

namespace Gtc.Artifacts.Digests;

/// <summary>
/// BLAKE3 in hash mode with 32 bytes of output (https://github.com/BLAKE3-team/BLAKE3-specs). Plain code for the file lists of
/// packs; nothing is ever trusted because of it.
/// </summary>
public static class Blake3
{
    private const int ChunkLength = 1024;
    private const int BlockLength = 64;
    private const uint ChunkStart = 1;
    private const uint ChunkEnd = 2;
    private const uint Parent = 4;
    private const uint Root = 8;

    private static readonly uint[] Iv =
        [0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19];

    private static readonly int[] Permutation = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];

    /// <summary>Hashes content.</summary>
    /// <returns>64 lower-case hex digits.</returns>
    public static string HashHex(ReadOnlySpan<byte> content)
    {
        var node = Subtree(content, 0);
        Span<byte> output = stackalloc byte[32];
        var words = Compress(node.Chain, node.Block, 0, node.BlockLength, node.Flags | Root);
        for (var i = 0; i < 8; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(output[(i * 4)..], words[i]);
        }

        return Convert.ToHexStringLower(output);
    }

    // The last compression of a subtree, not yet done: whether it is the root is only known one level up.
    private readonly record struct Node(uint[] Chain, uint[] Block, ulong Counter, uint BlockLength, uint Flags)
    {
        public uint[] ChainingValue() => Compress(Chain, Block, Counter, BlockLength, Flags);
    }

    private static Node Subtree(ReadOnlySpan<byte> content, ulong firstChunk)
    {
        if (content.Length <= ChunkLength)
        {
            return Chunk(content, firstChunk);
        }

        // The left subtree holds the largest power of two of whole chunks that leaves at least one byte for the right.
        var chunks = (uint)((content.Length - 1) / ChunkLength);
        var left = 1 << BitOperations.Log2(chunks);
        var block = new uint[16];
        Subtree(content[..(left * ChunkLength)], firstChunk).ChainingValue().CopyTo(block, 0);
        Subtree(content[(left * ChunkLength)..], firstChunk + (uint)left).ChainingValue().CopyTo(block, 8);
        return new(Iv, block, 0, BlockLength, Parent);
    }

    private static Node Chunk(ReadOnlySpan<byte> content, ulong counter)
    {
        var chain = Iv;
        var flags = ChunkStart;
        while (content.Length > BlockLength)
        {
            chain = Compress(chain, Words(content[..BlockLength]), counter, BlockLength, flags);
            content = content[BlockLength..];
            flags = 0;
        }

        return new(chain, Words(content), counter, (uint)content.Length, flags | ChunkEnd);
    }

    private static uint[] Words(ReadOnlySpan<byte> block)
    {
        Span<byte> padded = stackalloc byte[BlockLength];
        padded.Clear();
        block.CopyTo(padded);
        var words = new uint[16];
        for (var i = 0; i < words.Length; i++)
        {
            words[i] = BinaryPrimitives.ReadUInt32LittleEndian(padded[(i * 4)..]);
        }

        return words;
    }

    private static uint[] Compress(uint[] chain, uint[] block, ulong counter, uint length, uint flags)
    {
        Span<uint> state =
        [
            chain[0], chain[1], chain[2], chain[3], chain[4], chain[5], chain[6], chain[7],
            Iv[0], Iv[1], Iv[2], Iv[3], (uint)counter, (uint)(counter >> 32), length, flags,
        ];
        Span<uint> message = stackalloc uint[16];
        Span<uint> permuted = stackalloc uint[16];
        block.CopyTo(message);
        for (var round = 0; ; round++)
        {
            Round(state, message);
            if (round == 6)
            {
                break;
            }

            for (var i = 0; i < 16; i++)
            {
                permuted[i] = message[Permutation[i]];
            }

            permuted.CopyTo(message);
        }

        var output = new uint[8];
        for (var i = 0; i < 8; i++)
        {
            output[i] = state[i] ^ state[i + 8];
        }

        return output;
    }

    private static void Round(Span<uint> state, ReadOnlySpan<uint> message)
    {
        for (var column = 0; column < 4; column++)
        {
            Mix(state, column, column + 4, column + 8, column + 12, message[column * 2], message[(column * 2) + 1]);
        }

        for (var diagonal = 0; diagonal < 4; diagonal++)
        {
            Mix(state, diagonal, ((diagonal + 1) & 3) + 4, ((diagonal + 2) & 3) + 8, ((diagonal + 3) & 3) + 12,
                message[8 + (diagonal * 2)], message[9 + (diagonal * 2)]);
        }
    }

    private static void Mix(Span<uint> state, int a, int b, int c, int d, uint first, uint second)
    {
        state[a] = state[a] + state[b] + first;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 16);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 12);
        state[a] = state[a] + state[b] + second;
        state[d] = BitOperations.RotateRight(state[d] ^ state[a], 8);
        state[c] += state[d];
        state[b] = BitOperations.RotateRight(state[b] ^ state[c], 7);
    }
}
