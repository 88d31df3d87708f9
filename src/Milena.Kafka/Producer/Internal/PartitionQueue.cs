using Milena.Kafka.Protocol;

namespace Milena.Kafka.Producer.Internal;

/// <summary>Batches of one partition, oldest first: those on their way, closed ones that wait, and the open one at the end. Decides which is next and when.</summary>
/// <remarks>
/// <para>All but <see cref="Sender"/> is guarded by <see cref="Gate"/>.</para>
/// <para>
/// A batch is given its sequence numbers when it first sets out and keeps them on each further attempt. It never sets out while a later one is on its
/// way, nor behind a gap in the numbers. It gets other numbers, under a newer identity, only when the log does not have it and never will: after all of
/// its requests were answered, and the last two answers running were that its numbers do not fit though it was the first in line. A batch with a request
/// that was never answered keeps its numbers to its end, since that request may reach the log even after the next one was refused.
/// </para>
/// </remarks>
internal sealed class PartitionQueue
{
    /// <summary>Brokers remember the last five batches of a producer. One that could have to be sent again must not be pushed out by later ones.</summary>
    private const int MaxFollowers = 4;

    /// <summary>How many refusals running of the first in line prove that the log does not have it.</summary>
    private const int NeededRefusals = 2;

    private readonly LinkedList<ProducerBatch> _waiting = new();
    private readonly List<ProducerBatch> _inFlight = [];
    private QueueGate _gate;
    private volatile BrokerSender? _sender;
    private long _added;
    private long _endedBytes;

    /// <summary>Makes an empty one.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="isIdempotent">Whether batches get sequence numbers.</param>
    public PartitionQueue(TopicPartition partition, bool isIdempotent = false)
    {
        Partition = partition;
        Sequences = isIdempotent ? new PartitionSequences() : null;
    }

    public ref QueueGate Gate => ref _gate;

    public TopicPartition Partition { get; }

    /// <summary>The sequence numbers; null without idempotence.</summary>
    public PartitionSequences? Sequences { get; }

    /// <summary>The batch that takes records; null if there is none.</summary>
    public ProducerBatch? Open { get; private set; }

    /// <summary>The batches on their way, oldest first.</summary>
    public IReadOnlyList<ProducerBatch> InFlight => _inFlight;

    /// <summary>Before this time nothing is sent.</summary>
    public TimeSpan RetryAt { get; private set; }

    /// <summary>What the last batch tells of the room that the next one will need, in bytes; see <see cref="BatchRoom"/>.</summary>
    public int RoomHint { get; set; }

    /// <summary>Whether a sender owns the queue, or one is about to be told to.</summary>
    public bool IsListed { get; set; }

    /// <summary>The transaction that the partition takes part in; 0 for none.</summary>
    public long Scope { get; private set; }

    /// <summary>Whether batches must wait until the partition is enrolled in the transaction.</summary>
    public bool IsHeld { get; set; }

    /// <summary>Whether the sender has been told of something that it has not looked at yet.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>The sender whose loop takes batches out; null while there is none.</summary>
    public BrokerSender? Owner { get; set; }

    /// <summary>The sender that is to own it and has not looked yet; null if there is none.</summary>
    public BrokerSender? NextOwner { get; set; }

    /// <summary>The place among those of the owner, who alone uses it.</summary>
    public int Index { get; set; }

    /// <summary>Counts the places in the owner's schedule, which alone uses it.</summary>
    public long Turn { get; set; }

    /// <summary>Whether the place in the owner's schedule, which alone uses it, is among those that are ready.</summary>
    public bool IsInTurn { get; set; }

    /// <summary>Why no more records are taken; null while they are.</summary>
    public Exception? Refusal { get; set; }

    /// <summary>The sender of the partition's leader, as last known. Set under the gate; may be read without it.</summary>
    public BrokerSender? Sender { get => _sender; set => _sender = value; }

    /// <summary>The bytes of all batches that were ever opened here, before compression.</summary>
    public long ProducedBytes => _endedBytes + (Open?.Size ?? 0);

    /// <summary>How many batches are not on their way. May be read without the gate: as of some moment just now.</summary>
    public int ApproximateLength => _waiting.Count + (Open is null ? 0 : 1);

    public bool IsEmpty => Open is null && _inFlight.Count == 0 && _waiting.Count == 0;

    /// <summary>The oldest batch that is not on its way.</summary>
    public ProducerBatch? Oldest => _waiting.First?.Value ?? Open;

    /// <summary>When the oldest batch that has not ended was opened; the greatest time if there is none.</summary>
    public TimeSpan OldestCreatedAt
    {
        get
        {
            foreach (ProducerBatch batch in _inFlight)
            {
                if (!batch.IsEnded)
                {
                    return batch.CreatedAt;
                }
            }

            return Oldest?.CreatedAt ?? TimeSpan.MaxValue;
        }
    }

    /// <summary>Makes the partition take part in a transaction.</summary>
    /// <param name="scope">The transaction; 0 for none.</param>
    /// <param name="isHeld">Whether it must be enrolled first.</param>
    /// <returns>Whether it did not before.</returns>
    public bool TryJoin(long scope, bool isHeld)
    {
        if (Scope == scope)
        {
            return false;
        }

        Scope = scope;
        IsHeld = isHeld;
        return true;
    }

    /// <summary>Makes a batch the open one; the one before is closed to further records.</summary>
    public void Add(ProducerBatch batch)
    {
        EndOpen();
        batch.Place = _added++;
        Open = batch;
    }

    /// <summary>Lets the open batch take no more records.</summary>
    /// <returns>Whether there was one.</returns>
    public bool EndOpen()
    {
        if (Open is not { } open)
        {
            return false;
        }

        _waiting.AddLast(open);
        CloseOpen(open);
        return true;
    }

    /// <summary>Whether the next batch may go now.</summary>
    /// <param name="now">The time on the producer's clock.</param>
    /// <param name="linger">How long the open batch waits for more records; zero sends it at once.</param>
    /// <param name="current">The producer's identity, if it has one.</param>
    public bool IsReady(TimeSpan now, TimeSpan linger, ProducerIdentity current) => ReadyAt(linger, current) <= now;

    /// <summary>When the next batch may go; the greatest time if there is none, or something must come back or be known first.</summary>
    public TimeSpan ReadyAt(TimeSpan linger, ProducerIdentity current)
    {
        if (Oldest is not { } oldest || !MayGo(oldest, current))
        {
            return TimeSpan.MaxValue;
        }

        TimeSpan due = ReferenceEquals(oldest, Open) ? oldest.CreatedAt + linger : TimeSpan.Zero;
        return due > RetryAt ? due : RetryAt;
    }

    /// <summary>Takes the oldest batch and sets it on its way, with sequence numbers if it has none that are good.</summary>
    public ProducerBatch BeginFlight(ProducerIdentity current)
    {
        ProducerBatch batch = Oldest ?? throw new InvalidOperationException($"There is no batch of {Partition} to send.");
        if (!MayGo(batch, current))
        {
            throw new InvalidOperationException($"A batch of {Partition} was about to overtake another.");
        }

        if (Sequences is { } sequences && NeedsStamp(batch))
        {
            StripStamps();
            batch.Stamp = sequences.Take(current, batch.Count);
            batch.Followers = 0;
            foreach (ProducerBatch earlier in _inFlight)
            {
                earlier.Followers++;
            }
        }

        RemoveOldest();
        _inFlight.Add(batch);
        return batch;
    }

    /// <summary>A batch on its way is back, and the broker has taken it.</summary>
    public void Acknowledge(ProducerBatch batch)
    {
        _inFlight.Remove(batch);
        if (batch.Stamp is { } stamp)
        {
            Sequences?.Confirm(stamp);
        }
    }

    /// <summary>A batch on its way is back and will not go again. If it had sequence numbers, those behind it need a newer identity.</summary>
    public void Abandon(ProducerBatch batch)
    {
        _inFlight.Remove(batch);
        Break(batch);
    }

    /// <summary>A batch on its way is back and goes again, before all later ones.</summary>
    public void Retry(ProducerBatch batch, TimeSpan retryAt)
    {
        if (_inFlight.Remove(batch))
        {
            Sequences?.Doubt();
            RetryAt = retryAt > RetryAt ? retryAt : RetryAt;
            Insert(batch);
        }
    }

    /// <summary>A batch on its way is back and goes again as two, before all later ones.</summary>
    public void Retry(ProducerBatch batch, ProducerBatch first, ProducerBatch second)
    {
        if (_inFlight.Remove(batch))
        {
            Sequences?.Doubt();
            foreach (ProducerBatch earlier in _inFlight.Concat(_waiting).Where(b => b.Stamp is not null && IsBefore(b, batch)))
            {
                earlier.Followers++;
            }

            Insert(first);
            Insert(second);
        }
    }

    /// <summary>Whether an earlier batch is still to be taken by the broker, so that one that came too early has nothing to explain.</summary>
    public bool HasEarlier(ProducerBatch batch) =>
        (_inFlight.Count > 0 && IsBefore(_inFlight[0], batch)) || (_waiting.First is { } first && IsBefore(first.Value, batch));

    /// <summary>A batch on its way is back, refused for its sequence numbers or its identity.</summary>
    /// <returns>Whether it may go again; if not, it cannot be known what became of an earlier attempt.</returns>
    public bool TryRepair(ProducerBatch batch, ErrorCode code)
    {
        // It is asked for once more as it is, since only that can tell a batch that is in the log after all.
        batch.MayBeStored = true;
        if (HasEarlier(batch))
        {
            batch.Refusals = 0;
            return true;
        }

        if (++batch.Refusals < NeededRefusals)
        {
            return true;
        }

        Break(batch);
        if (code == ErrorCode.InvalidProducerEpoch || batch.MayStillLand)
        {
            return false;
        }

        // The broker looks for duplicates first. It does not know these numbers, so that the log does not have the batch.
        batch.NoteAbsence();
        return true;
    }

    /// <summary>Takes out what was accepted too long ago and is not on its way.</summary>
    public void RemoveOlderThan(TimeSpan createdAt, List<ProducerBatch> removed)
    {
        while (Oldest is { } oldest && oldest.CreatedAt <= createdAt)
        {
            RemoveOldest();
            Break(oldest);
            removed.Add(oldest);
        }
    }

    /// <summary>Takes no more records and gives out all that is left, also what is on its way.</summary>
    public void Close(Exception refusal, List<ProducerBatch> removed)
    {
        Refusal ??= refusal;
        foreach (ProducerBatch batch in _inFlight)
        {
            batch.MayBeStored = true;
            removed.Add(batch);
        }

        _inFlight.Clear();
        RemoveOlderThan(TimeSpan.MaxValue, removed);
    }

    private static bool IsBefore(ProducerBatch a, ProducerBatch b) => a.Place != b.Place ? a.Place < b.Place : a.FirstIndex < b.FirstIndex;

    private bool MayGo(ProducerBatch batch, ProducerIdentity current)
    {
        if (IsHeld)
        {
            return false;
        }

        bool isAlone = _inFlight.Count == 0;
        if (!isAlone && !IsBefore(_inFlight[^1], batch))
        {
            return false;
        }

        if (Sequences is not { } sequences)
        {
            return true;
        }

        if (!NeedsStamp(batch))
        {
            // Behind a gap it goes only to learn whether the log has it.
            return isAlone || (sequences is { IsConfirmed: true, IsBroken: false } && _inFlight[0].Followers <= MaxFollowers);
        }

        if (current.IsNone || batch.IsBorrowed)
        {
            return false;
        }

        // What is on its way under the identity before must come back first.
        return isAlone
            ? !sequences.IsBroken || current != sequences.Identity
            : sequences is { IsConfirmed: true, IsBroken: false } && current == sequences.Identity && _inFlight[0].Followers < MaxFollowers;
    }

    /// <summary>Whether a batch has no numbers yet, or such that the broker will never take and the log does not have.</summary>
    private bool NeedsStamp(ProducerBatch batch) => batch.Stamp is null || (Sequences is { IsBroken: true } && !batch.MayBeStored);

    /// <summary>Takes back the numbers of all that waits: the log has none of it, since it does not have the first of them.</summary>
    private void StripStamps()
    {
        foreach (ProducerBatch batch in _waiting)
        {
            if (batch.Stamp is null)
            {
                return;
            }

            // Also a request that was never answered is harmless here: the numbers that it would have to follow will never be taken.
            batch.Stamp = null;
            batch.NoteAbsence();
        }
    }

    private void Break(ProducerBatch batch)
    {
        if (batch.Stamp is { } stamp)
        {
            Sequences?.Break(stamp);
        }
    }

    private void Insert(ProducerBatch batch)
    {
        LinkedListNode<ProducerBatch>? next = _waiting.First;
        while (next is not null && IsBefore(next.Value, batch))
        {
            next = next.Next;
        }

        if (next is null)
        {
            _waiting.AddLast(batch);
        }
        else
        {
            _waiting.AddBefore(next, batch);
        }
    }

    private void RemoveOldest()
    {
        if (_waiting.Count > 0)
        {
            _waiting.RemoveFirst();
        }
        else if (Open is { } open)
        {
            CloseOpen(open);
        }
    }

    private void CloseOpen(ProducerBatch open)
    {
        _endedBytes += open.Size;
        Open = null;
    }
}
