using System.Globalization;
using System.Text.Json;
using Milena.Kafka.Tests.Interop;

namespace Milena.Kafka.Cli.Tests;

public class GroupsCommandTests : AdminCommandTest
{
    [Test]
    public async Task A_group_is_listed_with_its_lag_and_moved_after_it_was_shown_where(CancellationToken cancellationToken)
    {
        await FillAsync("moved", 10, cancellationToken);
        (await RunAsync("consume moved --group mover --count 4", cancellationToken)).EnsureSuccess();

        JsonElement listed = (await RowsAsync("groups list --type consumer --type classic", cancellationToken)).Single(row => row.GetProperty("group").GetString() == "mover");
        JsonElement before = (await RowsAsync("groups describe mover", cancellationToken)).Single();
        JsonElement shown = (await RowsAsync("groups reset-offsets mover --to earliest", cancellationToken)).Single();
        JsonElement unmoved = (await RowsAsync("groups describe mover", cancellationToken)).Single();
        JsonElement done = (await RowsAsync("groups reset-offsets mover --to shift:3 --topic moved:0 --execute", cancellationToken)).Single();
        JsonElement clamped = (await RowsAsync("groups reset-offsets mover --to offset:99 --topic moved", cancellationToken)).Single();

        Assert.That(listed.GetProperty("state").GetString(), Is.EqualTo("Empty"));
        Assert.That(Numbers(before, "offset", "end", "lag"), Is.EqualTo(new[] { 4, 10, 6 }));
        Assert.That(Numbers(shown, "before", "after", "logStart", "logEnd"), Is.EqualTo(new[] { 4, 0, 0, 10 }));
        Assert.That(shown.GetProperty("result").GetString(), Is.EqualTo("would be reset"));
        Assert.That(unmoved.GetProperty("offset").GetInt64(), Is.EqualTo(4), "a dry run stores nothing");
        Assert.That((done.GetProperty("after").GetInt64(), done.GetProperty("result").GetString()), Is.EqualTo((7L, "reset")));
        Assert.That((clamped.GetProperty("after").GetInt64(), clamped.GetProperty("result").GetString()), Is.EqualTo((10L, "would be reset into the log's range")));
        Assert.That((await RunAsync("consume moved --group mover --count 1", cancellationToken)).Lines, Is.EqualTo(new[] { "7" }));
    }

    [TestCase("latest", 10)]
    [TestCase("current", 4)]
    [TestCase("shift:-2", 2)]
    [TestCase("datetime:2000-01-01T00:00:00Z", 0)]
    [TestCase("datetime:2100-01-01T00:00:00Z", 10)]
    [TestCase("duration:P30D", 0)]
    public async Task Places_to_reset_to(string where, int offset)
    {
        string group = "to-" + new string([.. where.Where(char.IsLetterOrDigit)]);
        await FillAsync("places", 10, CancellationToken.None);
        (await RunAsync($"consume places --group {group} --count 4", CancellationToken.None)).EnsureSuccess();

        JsonElement step = (await RowsAsync($"groups reset-offsets {group} --to {where}", CancellationToken.None)).Single();

        Assert.That(step.GetProperty("after").GetInt64(), Is.EqualTo(offset));
    }

    [Test]
    public async Task A_group_with_members_is_not_moved_or_deleted_and_its_members_can_be_taken_out(CancellationToken cancellationToken)
    {
        await FillAsync("busy", 10, cancellationToken);
        await using var kafka = new KafkaClient(Servers);
        var options = new ConsumerOptions { GroupId = "worker", GroupInstanceId = "worker-1", GroupProtocol = GroupProtocol.Classic, Topics = { "busy" } };
        await using Consumer<Ignore, string> consumer = kafka.CreateConsumer<Ignore, string>(options);
        await using IAsyncEnumerator<ConsumeResult<Ignore, string>> loop = consumer.ConsumeAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        Assert.That(await loop.MoveNextAsync(), Is.True);

        JsonElement member = (await RowsAsync("groups members worker", cancellationToken)).Single();
        ProcessResult reset = await RunAsync("groups reset-offsets worker --to earliest --execute", cancellationToken);
        ProcessResult delete = await RunAsync("groups delete worker", cancellationToken);

        Assert.That(member.GetProperty("instance").GetString(), Is.EqualTo("worker-1"));
        Assert.That(member.GetProperty("partitions").EnumerateArray().Single().GetString(), Does.Contain("busy"));
        Assert.That((reset.ExitCode, delete.ExitCode), Is.EqualTo((2, 2)));
        Assert.That(reset.Errors, Does.Contain("cannot be reset while it is Stable, with 1 members. Stop its consumers first."));
        Assert.That(delete.Errors, Does.Contain("(NON_EMPTY_GROUP)"));

        await consumer.DisposeAsync();
        (await RunAsync("groups remove-members worker --instance worker-1 --reason moved", cancellationToken)).EnsureSuccess();
        (await RunAsync("groups delete worker", cancellationToken)).EnsureSuccess();
        Assert.That((await RunAsync("groups describe worker", cancellationToken)).ExitCode, Is.EqualTo(2));
    }

    [Test]
    public async Task Offsets_of_a_topic_are_forgotten(CancellationToken cancellationToken)
    {
        await FillAsync("forgotten", 3, cancellationToken);
        (await RunAsync("consume forgotten --group forgetter --count 3", cancellationToken)).EnsureSuccess();

        (await RunAsync("groups delete-offsets forgetter --topic forgotten", cancellationToken)).EnsureSuccess();

        Assert.That(await RowsAsync("groups describe forgetter", cancellationToken), Is.Empty);
    }

    [TestCase("groups reset-offsets g --to soon", "'soon' behind --to is none of earliest, latest,")]
    [TestCase("groups reset-offsets g --to duration:long", "'duration:long' behind --to is none of")]
    [TestCase("groups reset-offsets g --to earliest --topic t:x", "'t:x' is neither TOPIC nor TOPIC:N,N.")]
    [TestCase("groups remove-members g", "Name members by --member and --instance, or take --all.")]
    public async Task What_is_typed_wrongly_is_said_before_anybody_is_asked(string line, string message)
    {
        ProcessResult end = await RunAsync(line, CancellationToken.None);

        Assert.That(end.ExitCode, Is.EqualTo(1));
        Assert.That(end.Errors, Does.StartWith("milena: ").And.Contains(message));
    }

    [Test]
    public async Task Offsets_of_times_and_ends_are_shown(CancellationToken cancellationToken)
    {
        await FillAsync("timed", 5, cancellationToken);

        Assert.That(Column(await RowsAsync("offsets timed", cancellationToken), "offset"), Is.EqualTo(new[] { "5" }));
        Assert.That(Column(await RowsAsync("offsets timed:0 --at earliest", cancellationToken), "offset"), Is.EqualTo(new[] { "0" }));
        Assert.That(Column(await RowsAsync("offsets timed --at datetime:2020-01-01T00:00:00Z", cancellationToken), "offset"), Is.EqualTo(new[] { "0" }));
        Assert.That((await RunAsync("offsets timed --at noon", cancellationToken)).ExitCode, Is.EqualTo(1));
        Assert.That((await RunAsync("offsets timed:7", cancellationToken)).ExitCode, Is.EqualTo(2));
    }

    private static int[] Numbers(JsonElement row, params string[] names) => [.. names.Select(name => row.GetProperty(name).GetInt32())];

    private async Task FillAsync(string topic, int records, CancellationToken cancellationToken)
    {
        ProcessResult created = await RunAsync($"topics create {topic} --partitions 1", cancellationToken);
        if (created.ExitCode == 0)
        {
            string lines = string.Concat(Enumerable.Range(0, records).Select(i => i.ToString(CultureInfo.InvariantCulture) + "\n"));
            (await Milena.RunAsync(lines, cancellationToken, "produce", topic, "-b", Servers)).EnsureSuccess();
        }
    }
}
