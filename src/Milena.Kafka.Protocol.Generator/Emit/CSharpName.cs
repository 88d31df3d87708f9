using System.Text;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Names of the protocol as C# writes them.</summary>
internal static class CSharpName
{
    /// <summary><c>NOT_LEADER_OR_FOLLOWER</c> becomes <c>NotLeaderOrFollower</c>.</summary>
    public static string FromUpperCase(string name)
    {
        var result = new StringBuilder(name.Length);
        foreach (string word in name.Split('_'))
        {
            if (word.Length > 0)
            {
                result.Append(char.ToUpperInvariant(word[0])).Append(word.Substring(1).ToLowerInvariant());
            }
        }

        return result.ToString();
    }
}
