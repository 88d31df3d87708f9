namespace Milena.Kafka.Testing.Network;

/// <summary>What a broker does about a request: send bytes, send nothing, close the connection.</summary>
internal readonly record struct Reply(ResponseFrame? Frame, bool Closes)
{
    public static Reply None => default;

    public static Reply Close => new(null, true);
}
