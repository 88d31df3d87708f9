using System.Diagnostics.Metrics;

namespace Milena.Kafka.Tests.Support;

/// <summary>A factory with one meter of its own, so that a test sees its own client alone.</summary>
internal sealed class OwnMeterFactory : IMeterFactory
{
    private readonly Lock _gate = new();
    private Meter? _meter;

    public Meter Create(MeterOptions options)
    {
        lock (_gate)
        {
            options.Scope = this;
            return _meter ??= new Meter(options);
        }
    }

    public void Dispose() => _meter?.Dispose();
}
