using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Milena.Kafka.Security.Internal;

namespace Milena.Kafka.Tests.Security;

/// <summary>SCRAM held against the examples of the RFCs, and against brokers that cheat.</summary>
public class ScramExchangeTests
{
    private const string Nonce = "rOprNGfwEbeRWgbNEkqO";
    private const string ServerFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
    private const string ServerFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    [Test]
    public async Task The_example_of_RFC_7677_is_spoken_to_the_letter()
    {
        using ISaslExchange exchange = await StartAsync();

        Assert.That(await SayAsync(exchange, ""), Is.EqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        Assert.That(
            await SayAsync(exchange, ServerFirst),
            Is.EqualTo("c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
        Assert.That(await SayAsync(exchange, ServerFinal), Is.Null);
    }

    // No RFC has one for this hash; these messages stand in the tests of several AMQP and XMPP clients, and Python's hashlib computes the same.
    [Test]
    public async Task The_usual_example_of_SHA_512_is_spoken_to_the_letter()
    {
        const string nonce = "rOprNGfwEbeRWgbNEkqO02431b08-2f89-4bad-a4e6-80c0564ec865";
        using ISaslExchange exchange = await SaslScram.WithNonce(ScramHash.Sha512, "user", "pencil", Nonce).StartAsync(new SaslTarget("broker", 9092), CancellationToken.None);

        Assert.That(await SayAsync(exchange, ""), Is.EqualTo("n,,n=user,r=rOprNGfwEbeRWgbNEkqO"));
        Assert.That(
            await SayAsync(exchange, $"r={nonce},s=Yin2FuHTt/M0kJWb0t9OI32n2VmOGi3m+JfjOvuDF88=,i=4096"),
            Is.EqualTo($"c=biws,r={nonce},p=Hc5yec3NmCD7t+kFRw4/3yD6/F3SQHc7AVYschRja+Bc3sbdjlA0eH1OjJc0DD4ghn1tnXN5/Wr6qm9xmaHt4A=="));
        Assert.That(
            await SayAsync(exchange, "v=BQuhnKHqYDwQWS5jAw4sZed+C9KFUALsbrq81bB0mh+bcUUbbMPNNmBIupnS2AmyyDnG5CTBQtkjJ9kyY4kzmw=="), Is.Null);
    }

    [TestCase("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", "impostor")]
    [TestCase("v=", "impostor")]
    [TestCase("v=***", "does not follow SCRAM")]
    [TestCase("", "does not follow SCRAM")]
    [TestCase("e=other-error", "other-error")]
    public async Task A_broker_that_does_not_prove_itself_is_refused(string serverFinal, string reason)
    {
        using ISaslExchange exchange = await StartAsync();
        await SayAsync(exchange, "");
        await SayAsync(exchange, ServerFirst);

        Assert.That(async () => await SayAsync(exchange, serverFinal), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
    }

    [TestCase("r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce")]
    [TestCase("r=another,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "nonce")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095", "4095 iterations; 4,096 to 1,000,000")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001", "1000001 iterations")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=99999999999999999999", "too many iterations")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=-5000", "iterations")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=%%%,i=4096", "salt")]
    [TestCase("r=rOprNGfwEbeRWgbNEkqOx,s=,i=4096", "salt")]
    [TestCase("m=x,r=rOprNGfwEbeRWgbNEkqOx,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", "extension")]
    [TestCase("", "does not follow SCRAM")]
    public async Task What_a_broker_may_not_ask_for_is_refused(string serverFirst, string reason)
    {
        using ISaslExchange exchange = await StartAsync();
        await SayAsync(exchange, "");

        Assert.That(async () => await SayAsync(exchange, serverFirst), Throws.TypeOf<InvalidDataException>().With.Message.Contains(reason));
    }

    [Test]
    public async Task A_delegation_token_says_that_it_is_one_and_names_are_escaped()
    {
        using var exchange = new ScramExchange(ScramHash.Sha512, "a=b,c", "p", "nonce", isDelegationToken: true, 10_000);

        Assert.That(await SayAsync(exchange, ""), Is.EqualTo("n,,n=a=3Db=2Cc,r=nonce,tokenauth=true"));
    }

    [Test]
    public void Whatever_a_broker_sends_ends_in_a_refusal_that_is_told()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<byte[]>(), (first, final) =>
        {
            using var exchange = new ScramExchange(ScramHash.Sha256, "u", "p", "n", isDelegationToken: false, 10_000);
            _ = exchange.RespondAsync(default, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            try
            {
                _ = exchange.RespondAsync(first, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                _ = exchange.RespondAsync(final, CancellationToken.None).AsTask().GetAwaiter().GetResult();
                return false;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }).QuickCheckThrowOnFailure();
    }

    // RFC 4013, section 3. This process runs without globalization data, so that what the examples need of NFKC is given here.
    [TestCase("I\u00ADX", "IX")]
    [TestCase("user", "user")]
    [TestCase("USER", "USER")]
    [TestCase("\u00AA", "a")]
    [TestCase("\u2168", "IX")]
    public void The_examples_of_RFC_4013_are_prepared(string text, string prepared) =>
        Assert.That(SaslPrep.Prepare(text, "password", one => one.Replace("\u00AA", "a").Replace("\u2168", "IX")), Is.EqualTo(prepared));

    [TestCase("p\u00A0w", "p w")]
    [TestCase("m\u00FCller", "m\u00FCller")]
    public void What_is_typed_every_day_needs_no_globalization_data(string text, string prepared) =>
        Assert.That(SaslPrep.Prepare(text, "password"), Is.EqualTo(prepared));

    [Test]
    public void What_cannot_be_normalized_here_is_refused_with_what_to_do() =>
        Assert.That(() => SaslPrep.Prepare("\u2168", "password"), Throws.TypeOf<InvalidDataException>().With.Message.Contains("InvariantGlobalization").And.Message.Contains("UseSaslPrep"));

    [TestCase("\u0007")]
    [TestCase("a\u007Fb")]
    [TestCase("\u0627\u0031")]
    [TestCase("\u00AD")]
    [TestCase("a\uFFFDb")]
    public void What_RFC_4013_forbids_is_refused_without_being_shown(string text) =>
        Assert.That(() => SaslPrep.Prepare(text, "password"), Throws.TypeOf<InvalidDataException>().With.Message.Not.Contains(text).And.Message.Contains("password"));

    private static async Task<ISaslExchange> StartAsync() =>
        await SaslScram.WithNonce(ScramHash.Sha256, "user", "pencil", Nonce).StartAsync(new SaslTarget("broker", 9092), CancellationToken.None);

    private static async Task<string?> SayAsync(ISaslExchange exchange, string challenge) =>
        await exchange.RespondAsync(Encoding.UTF8.GetBytes(challenge), CancellationToken.None) is { } said ? Encoding.UTF8.GetString(said.Span) : null;
}
