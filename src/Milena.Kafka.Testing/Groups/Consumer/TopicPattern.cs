using System.Text.RegularExpressions;
using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Groups.Consumer;

/// <summary>A regular expression that the broker evaluates. Brokers speak RE2; what .NET matches without backtracking is nearly the same.</summary>
internal sealed class TopicPattern
{
    private readonly Regex _regex;

    /// <exception cref="GroupRefusalException">It is no regular expression, or one that needs backtracking.</exception>
    public TopicPattern(string pattern)
    {
        try
        {
            // RE2 writes the name of a group with a P. The whole name of a topic must match.
            string translated = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
            _ = new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            _regex = new Regex($@"\A(?:{translated})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new GroupRefusalException(ErrorCode.InvalidRegularExpression, $"SubscribedTopicRegex `{pattern}` is not a valid regular expression: {fault.Message}");
        }
    }

    public bool Matches(string topic) => _regex.IsMatch(topic);
}
