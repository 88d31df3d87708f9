using Milena.Kafka.Protocol;

namespace Milena.Kafka.Testing.Faults;

/// <summary>The faults that are still to come. Thread-safe.</summary>
internal sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Fault> _faults = [];

    public void Add(Fault fault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(fault.Scope.Skip);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(fault.Scope.Count);
        if (fault.Scope.Partition is not null && fault.Scope.Topic is null)
        {
            throw new ArgumentException("A fault of one partition must name its topic.");
        }

        lock (_gate)
        {
            _faults.Add(fault);
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _faults.ForEach(fault => fault.Hold?.Release());
            _faults.Clear();
        }
    }

    /// <summary>The faults that hit a request, at most one of each kind. They count as used.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isAbout">Whether it names a topic, or a partition of it.</param>
    public IReadOnlyList<Fault> Take(ReceivedRequest request, Func<string, int?, bool> isAbout)
    {
        lock (_gate)
        {
            if (_faults.Count == 0)
            {
                return [];
            }

            var taken = new List<Fault>();
            foreach (Fault fault in _faults)
            {
                if (fault.IsOver || !Matches(fault, request, isAbout))
                {
                    continue;
                }

                if (fault.SkipsLeft > 0)
                {
                    fault.SkipsLeft--;
                }
                else if (!taken.Exists(other => other.Kind == fault.Kind))
                {
                    fault.HitsLeft--;
                    taken.Add(fault);
                }
            }

            _faults.RemoveAll(fault => fault.IsOver);
            return taken;
        }
    }

    private static bool Matches(Fault fault, ReceivedRequest request, Func<string, int?, bool> isAbout) =>
        fault.Api == request.Api
        && (fault.Scope.BrokerId is null || fault.Scope.BrokerId == request.BrokerId)
        && (fault.Scope.ClientId is null || fault.Scope.ClientId == request.ClientId)
        && (fault.Scope.Topic is null || isAbout(fault.Scope.Topic, fault.Scope.Partition));
}
