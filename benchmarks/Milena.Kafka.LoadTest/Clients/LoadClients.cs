namespace Milena.Kafka.LoadTest.Clients;

/// <summary>Makes the client that was asked for.</summary>
internal static class LoadClients
{
    public static ILoadProducer CreateProducer(LoadSettings settings, LoadTarget target) => settings.Client switch
    {
#if CONFLUENT
        ClientKind.Confluent => new ConfluentLoadProducer(settings, target),
#endif
        ClientKind.Milena => new MilenaLoadProducer(settings, target),
        _ => throw NotBuilt(settings.Client),
    };

    public static async Task<ILoadConsumer> OpenConsumerAsync(LoadSettings settings, LoadTarget target) => (settings.Client, settings.Value) switch
    {
#if CONFLUENT
        (ClientKind.Confluent, ValueKind.String) => new ConfluentLoadConsumer<string, string, StringLength>(settings, target),
        (ClientKind.Confluent, _) => new ConfluentLoadConsumer<byte[]?, byte[], ArrayLength>(settings, target),
#endif
        (ClientKind.Milena, ValueKind.Span) => await MilenaLoadConsumer<int, SpanLength>.OpenAsync(settings, target, new SpanLength()),
        (ClientKind.Milena, ValueKind.String) => await MilenaLoadConsumer<string, StringLength>.OpenAsync(settings, target),
        (ClientKind.Milena, ValueKind.Bytes) => await MilenaLoadConsumer<byte[], ArrayLength>.OpenAsync(settings, target),
        _ => throw NotBuilt(settings.Client),
    };

    private static NotSupportedException NotBuilt(ClientKind client) =>
        new($"The client {client} was not built in; build with -p:WithConfluent=true and LIBRDKAFKA set.");
}
