using System.Numerics;

namespace Milena.Kafka.Compression.Zstandard;

/// <summary>Finds the code lengths of a Huffman code with a longest length.</summary>
internal static class HuffmanLengths
{
    private const int Bytes = 256;

    /// <summary>Fills <paramref name="lengths"/> with a complete code for the bytes that occur, of which there must be two at least.</summary>
    /// <returns>The longest length; 0 if no code was found.</returns>
    public static int Fill(ReadOnlySpan<int> histogram, int total, Span<byte> lengths)
    {
        Span<uint> leaves = stackalloc uint[Bytes];
        int count = 0;
        for (int value = 0; value < Bytes; value++)
        {
            if (histogram[value] != 0)
            {
                leaves[count++] = (uint)histogram[value] << 8 | (uint)value;
            }
        }

        leaves = leaves[..count];
        leaves.Sort();
        Span<byte> depths = stackalloc byte[count];
        FillDepths(leaves, depths);

        // Rare bytes get no code much longer than their number deserves; all must fit.
        int max = Math.Max(Math.Min(HuffmanTable.MaxLog, BitOperations.Log2((uint)total - 1) - 1), BitOperations.Log2((uint)count - 1) + 1);
        if (depths[0] > max && !Limit(depths, max))
        {
            return 0;
        }

        lengths.Clear();
        int longest = 0;
        for (int i = 0; i < count; i++)
        {
            lengths[(byte)leaves[i]] = depths[i];
            longest = Math.Max(longest, depths[i]);
        }

        return longest;
    }

    // Leaves and the nodes made of them both come in ascending order, so the two smallest are always at the front of one.
    private static void FillDepths(ReadOnlySpan<uint> leaves, Span<byte> depths)
    {
        int count = leaves.Length;
        Span<uint> weights = stackalloc uint[count];
        Span<ushort> parents = stackalloc ushort[2 * count];
        int leaf = 0;
        int node = 0;
        for (int made = 0; made < count - 1; made++)
        {
            uint weight = 0;
            for (int i = 0; i < 2; i++)
            {
                bool takesLeaf = leaf < count && (node >= made || leaves[leaf] >> 8 <= weights[node]);
                weight += takesLeaf ? leaves[leaf] >> 8 : weights[node];
                parents[takesLeaf ? leaf++ : count + node++] = (ushort)made;
            }

            weights[made] = weight;
        }

        // From the root down; a node's depth is one more than its parent's.
        Span<byte> nodeDepths = stackalloc byte[count];
        nodeDepths[count - 2] = 0;
        for (int i = count - 3; i >= 0; i--)
        {
            nodeDepths[i] = (byte)(nodeDepths[parents[count + i]] + 1);
        }

        for (int i = 0; i < count; i++)
        {
            depths[i] = (byte)(nodeDepths[parents[i]] + 1);
        }
    }

    // Depths come rarest first. Cuts them off, takes from the next rarest what that overdraws, and gives back what is left over.
    private static bool Limit(Span<byte> depths, int max)
    {
        int room = 1 << max;
        foreach (ref byte depth in depths)
        {
            depth = (byte)Math.Min(depth, max);
            room -= 1 << (max - depth);
        }

        for (int i = 0; room < 0 && i < depths.Length; i++)
        {
            while (room < 0 && depths[i] < max)
            {
                depths[i]++;
                room += 1 << (max - depths[i]);
            }
        }

        for (int i = depths.Length - 1; room > 0 && i >= 0; i--)
        {
            while (depths[i] > 1 && 1 << (max - depths[i]) <= room)
            {
                room -= 1 << (max - depths[i]);
                depths[i]--;
            }
        }

        return room == 0;
    }
}
