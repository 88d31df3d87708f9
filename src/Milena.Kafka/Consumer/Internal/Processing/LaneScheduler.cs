using System.Diagnostics.CodeAnalysis;

namespace Milena.Kafka.Consumer.Internal.Processing;

/// <summary>
/// Items in lanes: those of a lane run one after the other in order, lanes run beside one another up to a number, and each gets its turn. Decides only; not thread-safe.
/// </summary>
/// <typeparam name="TLane">What names a lane.</typeparam>
/// <typeparam name="TItem">The items.</typeparam>
internal sealed class LaneScheduler<TLane, TItem>
    where TLane : notnull
{
    // A lane is here while it has items or one that runs; it is ready if it has items and none runs.
    private readonly Dictionary<TLane, Queue<TItem>> _lanes = [];
    private readonly Stack<Queue<TItem>> _spare = new();
    private readonly int _parallelism;
    private Queue<TLane> _ready = new();

    public LaneScheduler(int parallelism) => _parallelism = parallelism;

    /// <summary>Items that run.</summary>
    public int Running { get; private set; }

    /// <summary>Items that wait for their turn.</summary>
    public int Waiting { get; private set; }

    public void Enqueue(TLane lane, TItem item)
    {
        if (!_lanes.TryGetValue(lane, out Queue<TItem>? items))
        {
            _lanes[lane] = items = _spare.TryPop(out Queue<TItem>? spare) ? spare : new Queue<TItem>();
            _ready.Enqueue(lane);
        }

        items.Enqueue(item);
        Waiting++;
    }

    /// <summary>Starts the next item, if one may run.</summary>
    public bool TryStart([MaybeNullWhen(false)] out TItem item)
    {
        if (Running == _parallelism || !_ready.TryDequeue(out TLane? lane))
        {
            item = default;
            return false;
        }

        item = _lanes[lane].Dequeue();
        Running++;
        Waiting--;
        return true;
    }

    /// <summary>The item of a lane that ran has ended.</summary>
    public void Complete(TLane lane)
    {
        Running--;
        if (_lanes[lane].Count > 0)
        {
            _ready.Enqueue(lane);
        }
        else if (_lanes.Remove(lane, out Queue<TItem>? items) && _spare.Count < _parallelism)
        {
            _spare.Push(items);
        }
    }

    /// <summary>Drops items that wait.</summary>
    public void Drop(Predicate<TItem> which)
    {
        HashSet<TLane> ready = [.. _ready];
        foreach ((TLane lane, Queue<TItem> items) in _lanes.ToList())
        {
            bool isReady = ready.Contains(lane);
            for (int left = items.Count; left > 0; left--)
            {
                TItem item = items.Dequeue();
                if (which(item))
                {
                    Waiting--;
                }
                else
                {
                    items.Enqueue(item);
                }
            }

            if (isReady && items.Count == 0)
            {
                _lanes.Remove(lane);
            }
        }

        _ready = new Queue<TLane>(_ready.Where(_lanes.ContainsKey));
    }
}
