namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>Frames that their writer could have written in other ways, so that ours differs from it without being wrong.</summary>
internal sealed record ReencodingException(string Api, Func<Frame, bool> Covers, string Reason)
{
    public static IReadOnlyList<ReencodingException> All { get; } = [];

    public static ReencodingException? Find(string api, Frame frame) => All.FirstOrDefault(e => e.Api == api && e.Covers(frame));
}
