namespace Milena.Kafka.Cli.Settings;

/// <summary>Guesses what somebody meant to type.</summary>
internal static class Nearest
{
    /// <summary>A question that begins with a blank, or nothing when no word is near.</summary>
    public static string Hint(string typed, IEnumerable<string> words) => To(typed, words) is { } word ? $" Did you mean {word}?" : "";

    /// <summary>The word with the fewest changes; null if none is near.</summary>
    public static string? To(string typed, IEnumerable<string> words)
    {
        (string Word, int Distance)[] ranked = [.. words.Select(word => (word, Distance(typed, word))).OrderBy(w => w.Item2)];
        return ranked is [var (word, distance), ..] && distance <= Math.Max(2, typed.Length / 3) && distance < word.Length ? word : null;
    }

    /// <summary>The changes from one word to the other: letters added, left out, replaced, or swapped with their neighbour.</summary>
    internal static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int replaced = cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[from.Length, to.Length];
    }
}
