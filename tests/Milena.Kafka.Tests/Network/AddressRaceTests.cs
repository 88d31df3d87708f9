using System.Net;
using Milena.Kafka.Network.Internal;
using Milena.Kafka.Tests.Support;

namespace Milena.Kafka.Tests.Network;

[CancelAfter(20_000)]
internal sealed class AddressRaceTests
{
    private static readonly IPAddress First = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Second = IPAddress.Parse("192.0.2.2");

    [Test]
    public void Families_take_turns_in_the_order_of_the_resolver()
    {
        IPAddress six1 = IPAddress.Parse("2001:db8::1"), six2 = IPAddress.Parse("2001:db8::2");

        Assert.That(AddressRace.Interleave([six1, six2, First, Second, six1]), Is.EqualTo(new[] { six1, First, six2, Second }));
    }

    [Test]
    public async Task A_silent_address_does_not_hold_up_the_next_and_is_given_up_when_that_wins(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        var winner = new MemoryStream();
        var lost = new TaskCompletionSource();
        var race = new AddressRace([First, Second], TimeSpan.FromMilliseconds(250), time, async (address, token) =>
        {
            if (address.Equals(Second))
            {
                return winner;
            }

            using CancellationTokenRegistration registration = token.Register(lost.SetResult);
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("unreachable");
        });

        Task<Stream> running = race.RunAsync("kafka.example:9092", cancellationToken);
        Assert.That(running.IsCompleted, Is.False);
        time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.That(await running, Is.SameAs(winner));
        await lost.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task A_loser_that_connects_too_late_is_disposed(CancellationToken cancellationToken)
    {
        var time = new ManualTimeProvider();
        var late = new TaskCompletionSource<Stream>();
        var loser = new MemoryStream();
        var race = new AddressRace([First, Second], TimeSpan.FromMilliseconds(250), time, (address, token) =>
        {
            token.Register(() => late.TrySetResult(loser));
            return address.Equals(First) ? late.Task : Task.FromResult<Stream>(new MemoryStream());
        });

        Task<Stream> running = race.RunAsync("kafka.example:9092", cancellationToken);
        time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.That(await running, Is.Not.SameAs(loser));
        Assert.That(loser.CanRead, Is.False);
    }

    [Test]
    public async Task Cancelling_ends_all_attempts(CancellationToken cancellationToken)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var race = new AddressRace([First], TimeSpan.FromMilliseconds(250), new ManualTimeProvider(), async (_, token) =>
        {
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("unreachable");
        });

        Task<Stream> running = race.RunAsync("kafka.example:9092", cancelled.Token);
        await cancelled.CancelAsync();

        await Assert.ThatAsync(() => running, Throws.InstanceOf<OperationCanceledException>());
    }
}
