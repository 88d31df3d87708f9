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

    public static async Task<ILoadConsumer> OpenConsumerAsync(LoadSettings settings, LoadTarget target) => settings.Client switch
    {
#if CONFLUENT
        ClientKind.Confluent => await Task.FromResult(new ConfluentLoadConsumer(settings, target)),
#endif
        ClientKind.Milena => await MilenaLoadConsumer.OpenAsync(settings, target),
        _ => throw NotBuilt(settings.Client),
    };

    private static NotSupportedException NotBuilt(ClientKind client) =>
        new($"The client {client} was not built in; build with -p:WithConfluent=true and LIBRDKAFKA set.");
}
