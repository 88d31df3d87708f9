using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Handlers;

/// <summary>All handlers, by API. Immutable.</summary>
internal sealed class HandlerTable(IEnumerable<IRequestHandler> handlers)
{
    private readonly Dictionary<ApiKey, IRequestHandler> _handlers = handlers.ToDictionary(handler => handler.Api.Key);

    public IEnumerable<Api> Apis => _handlers.Values.Select(handler => handler.Api);

    public IRequestHandler this[ApiKey key] => _handlers[key];
}
