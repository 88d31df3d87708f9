namespace Milena.Kafka.Testing.Network;

/// <summary>What a broker does about a request: send bytes, send nothing, close the connection, look at nothing more for a while.</summary>
internal readonly record struct Reply(ResponseFrame? Frame, bool Closes, TimeSpan Silence = default)
{
    public static Reply None => default;

    public static Reply Close => new(null, true);
}
