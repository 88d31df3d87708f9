namespace Milena.Kafka.Architecture.Tests;

/// <summary>The forbidden calls, and that the guard sees each of them.</summary>
public class ForbiddenCallTests
{
    private static readonly string[] Projects =
    [
        "Milena.Kafka.Compression", "Milena.Kafka.Protocol.Generator", "Milena.Kafka.Protocol", "Milena.Kafka", "Milena.Kafka.Testing",
    ];

    [TestCaseSource(nameof(Projects))]
    public void A_library_takes_its_time_and_chance_as_parameters_and_blocks_no_thread(string name) =>
        Guard.AssertNone(new ForbiddenCallCheck(SourceProject.Load(name)).Faults());

    [Test]
    public void The_command_line_blocks_no_thread() =>
        Guard.AssertNone(new ForbiddenCallCheck(SourceProject.Load("Milena.Kafka.Cli"), program: true).Faults());

    [TestCase("_ = DateTime.UtcNow;", "the wall clock")]
    [TestCase("_ = DateTime.Now;", "the wall clock")]
    [TestCase("_ = DateTimeOffset.UtcNow;", "the wall clock")]
    [TestCase("_ = DateTimeOffset.Now;", "the wall clock")]
    [TestCase("_ = System.Diagnostics.Stopwatch.GetTimestamp();", "a stopwatch")]
    [TestCase("_ = System.Diagnostics.Stopwatch.StartNew();", "a stopwatch")]
    [TestCase("System.Diagnostics.Stopwatch watch = new();", "a stopwatch")]
    [TestCase("_ = Environment.TickCount64;", "the tick count")]
    [TestCase("_ = Environment.TickCount;", "the tick count")]
    [TestCase("Thread.Sleep(1);", "sleep")]
    [TestCase("await Task.Delay(1);", "a delay of the system clock")]
    [TestCase("await Task.Delay(TimeSpan.Zero, CancellationToken.None);", "a delay of the system clock")]
    [TestCase("using var source = new CancellationTokenSource(10);", "a time-out of the system clock")]
    [TestCase("using CancellationTokenSource source = new(TimeSpan.Zero);", "a time-out of the system clock")]
    [TestCase("using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));", "a timer of the system clock")]
    [TestCase("using var timer = new Timer(_ => { });", "a timer of the system clock")]
    [TestCase("await Task.CompletedTask.WaitAsync(TimeSpan.Zero);", "a bounded wait by the system clock")]
    [TestCase("await Task.FromResult(1).WaitAsync(TimeSpan.Zero, CancellationToken.None);", "a bounded wait by the system clock")]
    [TestCase("Task.CompletedTask.Wait();", "a blocked thread")]
    [TestCase("Task.WaitAll(Task.CompletedTask);", "a blocked thread")]
    [TestCase("_ = Task.FromResult(1).Result;", "a blocked thread")]
    [TestCase("_ = ValueTask.FromResult(1).Result;", "a blocked thread")]
    [TestCase("Task.CompletedTask.GetAwaiter().GetResult();", "a blocked thread")]
    [TestCase("ValueTask.CompletedTask.GetAwaiter().GetResult();", "a blocked thread")]
    [TestCase("Task.CompletedTask.ConfigureAwait(false).GetAwaiter().GetResult();", "a blocked thread")]
    [TestCase("var task = Task.FromResult(1); _ = task.IsCompletedSuccessfully ? 0 : task.Result;", "a blocked thread")]
    [TestCase("var task = Task.FromResult(1); if (!task.IsCompletedSuccessfully) { } _ = task.Result;", "a blocked thread")]
    [TestCase("var task = Task.FromResult(1); var other = task; _ = other.IsCompletedSuccessfully && task.Result > 0;", "a blocked thread")]
    [TestCase("_ = Random.Shared.Next();", "unseeded chance")]
    [TestCase("_ = new Random();", "unseeded chance")]
    [TestCase("Random random = new();", "unseeded chance")]
    [TestCase("async void Fire() => await Task.Yield();", "async void")]
    [TestCase("Action fire = async () => await Task.Yield();", "async void")]
    [TestCase("Action<Task<int>> read = task => { var Wait = task; _ = Wait.Result; };", "a blocked thread")]
    public void A_forbidden_call_is_found(string statement, string name)
    {
        IReadOnlyList<string> faults = Check(statement);

        Assert.That(faults, Has.Count.EqualTo(1));
        Assert.That(faults[0], Does.Contain(name).And.StartsWith("src/Milena.Kafka/Subject.cs:3"));
    }

    [TestCase("await Task.Delay(TimeSpan.Zero, TimeProvider.System);")]
    [TestCase("await Task.CompletedTask.WaitAsync(TimeSpan.Zero, TimeProvider.System);")]
    [TestCase("await Task.CompletedTask.WaitAsync(CancellationToken.None);")]
    [TestCase("using CancellationTokenSource source = new(TimeSpan.Zero, TimeProvider.System);")]
    [TestCase("using CancellationTokenSource source = new();")]
    [TestCase("using PeriodicTimer timer = new(TimeSpan.FromSeconds(1), TimeProvider.System);")]
    [TestCase("_ = new Random(42);")]
    [TestCase("var task = Task.FromResult(1); _ = task.IsCompletedSuccessfully ? task.Result : 0;")]
    [TestCase("var task = Task.FromResult(1); if (task.IsCompletedSuccessfully && task.Id > 0) { _ = task.Result; }")]
    [TestCase("var task = Task.FromResult(1); if (!task.IsCompletedSuccessfully) { return; } _ = task.Result;")]
    [TestCase("Task<int>? task = null; _ = task is { IsCompletedSuccessfully: true } && task.Result > 0;")]
    [TestCase("var task = Task.FromResult(1); if (task.IsCompletedSuccessfully) { _ = task.GetAwaiter().GetResult(); }")]
    [TestCase("Func<Task> fire = async () => await Task.Yield();")]
    public void What_is_allowed_is_left_alone(string statement) => Assert.That(Check(statement), Is.Empty);

    [Test]
    public void A_name_that_only_looks_like_a_forbidden_call_is_left_alone()
    {
        SourceProject subject = SourceProject.FromText(
            "Milena.Kafka",
            ("Own.cs", "class DateTime { public static int UtcNow => 1; public int Result => UtcNow; static int Use(DateTime own) => own.Result; }"));

        Assert.That(subject.UnresolvedNames(), Is.Empty);
        Assert.That(new ForbiddenCallCheck(subject).Faults(), Is.Empty);
    }

    [Test]
    public void What_one_type_is_excused_from_is_forbidden_to_all_others()
    {
        SourceProject subject = SourceProject.FromText(
            "Milena.Kafka",
            ("Own.cs", "class RecordClock { long Now => Environment.TickCount64; Task Rest => Task.Delay(1); } class Other { long Now => Environment.TickCount64; }"));

        Assert.That(new ForbiddenCallCheck(subject).Faults(), Has.Count.EqualTo(2).And.One.Contains("a delay").And.One.Contains("the tick count"));
    }

    [Test]
    public void A_program_may_read_the_clock_but_not_sleep()
    {
        SourceProject subject = Subject("_ = DateTime.UtcNow; Thread.Sleep(1);");

        Assert.That(new ForbiddenCallCheck(subject, program: true).Faults(), Has.Count.EqualTo(1).And.One.Contains("sleep"));
    }

    private static IReadOnlyList<string> Check(string statement)
    {
        SourceProject subject = Subject(statement);
        Assert.That(subject.UnresolvedNames(), Is.Empty);
        return new ForbiddenCallCheck(subject).Faults();
    }

    private static SourceProject Subject(string statement) =>
        SourceProject.FromText("Milena.Kafka", ("Subject.cs", $"class Subject {{ async Task Run()\n{{\n{statement}\nawait Task.Yield(); }} }}"));
}
