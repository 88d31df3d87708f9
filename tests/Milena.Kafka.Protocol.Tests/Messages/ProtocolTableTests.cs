using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Tests.Messages;

/// <summary>The tables beside the definition files, row by row against what was generated.</summary>
public sealed class ProtocolTableTests
{
    [Test]
    public void Every_row_of_the_api_table_agrees_with_the_generated_table()
    {
        string[][] rows = Rows("apis.tsv", 10);
        Assert.That(rows, Has.Length.EqualTo(74));
        Assert.That(Apis.All, Has.Count.EqualTo(74));
        foreach ((string[] row, Api api) in rows.OrderBy(r => short.Parse(r[0])).Zip(Apis.All))
        {
            Assert.Multiple(() =>
            {
                Assert.That((short)api.Key, Is.EqualTo(short.Parse(row[0])), row[1]);
                Assert.That(api.ToString(), Is.EqualTo(row[1]));
                Assert.That(api.LowestVersion, Is.EqualTo(short.Parse(row[2])), $"{row[1]}: min");
                Assert.That(api.HighestVersion, Is.EqualTo(short.Parse(row[3])), $"{row[1]}: max");
                Assert.That(api.HighestStableVersion, Is.EqualTo(row[4] is "none" or "-" ? -1 : short.Parse(row[4])), $"{row[1]}: stable");
                Assert.That(api.FirstFlexibleVersion, Is.EqualTo(row[5] is "none" or "-" ? short.MaxValue : short.Parse(row[5].TrimEnd('+'))), $"{row[1]}: flexible");
                Assert.That(api.LowestVersionOfKafka4, Is.EqualTo(short.Parse(row[6])), $"{row[1]}: kafka4min");
                Assert.That(Apis.Find(api.Key), Is.SameAs(api));
            });
        }

        Assert.That(Apis.Find((ApiKey)4), Is.Null, "an API between brokers");
        Assert.That(Apis.Find((ApiKey)(-1)), Is.Null);
    }

    [Test]
    public void Every_row_of_the_error_table_agrees_with_the_generated_code()
    {
        string[][] rows = Rows("errors.tsv", 7);
        Assert.That(Enum.GetValues<ErrorCode>(), Has.Length.EqualTo(rows.Length));
        foreach (string[] row in rows)
        {
            var code = (ErrorCode)short.Parse(row[0]);
            Assert.Multiple(() =>
            {
                Assert.That(Enum.IsDefined(code), row[1]);
                Assert.That(Plain(code.ToString()), Is.EqualTo(Plain(row[1])));
                Assert.That(code.Name(), Is.EqualTo(row[1]));
                Assert.That(code.IsRetriable(), Is.EqualTo(row[2] == "true"), row[1]);
                Assert.That(Plain(code.Refresh().ToString()), Is.EqualTo(row[3] == "-" ? "NONE" : Plain(row[3])), row[1]);
                Assert.That(Plain(code.Family().ToString()), Is.EqualTo(row[4] == "-" ? "OTHER" : Plain(row[4])), row[1]);
                Assert.That(code.Meaning(), Is.EqualTo(row[6]), row[1]);
            });
        }
    }

    [Test]
    public void An_error_code_of_the_future_keeps_its_number()
    {
        const ErrorCode Unknown = (ErrorCode)31999;
        Assert.Multiple(() =>
        {
            Assert.That(Unknown.Name(), Is.EqualTo("31999"));
            Assert.That(Unknown.IsRetriable(), Is.False);
            Assert.That(Unknown.Refresh(), Is.EqualTo(ErrorRefresh.None));
            Assert.That(Unknown.Family(), Is.EqualTo(ErrorFamily.Other));
            Assert.That(Unknown.Meaning(), Does.Contain("does not know"));
        });
    }

    [Test]
    public void Every_row_of_the_enum_table_is_a_member_of_its_enum()
    {
        string[][] rows = [.. Rows("enums.tsv", 6).Where(r => r[3] != "-")];
        Assert.That(rows, Is.Not.Empty);
        foreach (string[] row in rows)
        {
            Type type = typeof(IMessage).Assembly.GetType("Milena.Kafka.Protocol." + row[0], throwOnError: true)!;
            string? member = Enum.GetNames(type).SingleOrDefault(n => Plain(n) == Plain(row[4]));
            Assert.That(member, Is.Not.Null, $"{row[0]}.{row[4]}");
            Assert.That(Convert.ToInt64(Enum.Parse(type, member!), null), Is.EqualTo(long.Parse(row[3])), $"{row[0]}.{row[4]}");
        }
    }

    [Test]
    public void Every_request_names_its_api_and_its_response()
    {
        foreach (Definition definition in Catalog.Definitions.Where(d => d.IsApi))
        {
            var request = (IRequest)Catalog.Find(definition.Name + "Request").Body.Create();
            MessageSchema response = Catalog.Find(definition.Name + "Response");
            Assert.That((int)request.Api.Key, Is.EqualTo(definition.Key));
            Assert.That(((IResponse)response.Body.Create()).Api, Is.SameAs(request.Api));
            Assert.That(request.GetType().GetInterfaces(), Does.Contain(typeof(IRequest<>).MakeGenericType(response.Type)));
        }

        Assert.That(Catalog.Messages, Has.Count.EqualTo((74 * 2) + 6), "2 headers, 2 forms of consumer protocol data, 2 of control records");
    }

    [Test]
    public void The_throttle_time_of_a_response_is_the_field_of_that_name()
    {
        foreach (MessageSchema schema in Catalog.Messages.Where(m => typeof(IResponse).IsAssignableFrom(m.Type)))
        {
            object response = schema.Body.Create();
            FieldSchema? field = schema.Body.Fields.SingleOrDefault(f => f.Name == "ThrottleTimeMs");
            field?.Set(response, 1500);
            Assert.That(((IResponse)response).ThrottleTime, Is.EqualTo(field is null ? TimeSpan.Zero : TimeSpan.FromMilliseconds(1500)), schema.Name);
        }
    }

    [Test]
    public void Only_responses_with_slices_borrow_the_frame()
    {
        Assert.That(Apis.All.Where(a => a.ResponseBorrowsFrame), Is.EquivalentTo(new[] { Apis.Fetch, Apis.ShareFetch }));
    }

    [Test]
    public void A_definition_file_is_named_after_what_it_defines()
    {
        string[] files = [.. Directory.GetFiles(Catalog.Folder, "*.api").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];
        Assert.That(Catalog.Definitions.Select(d => d.Name).Order(StringComparer.Ordinal), Is.EqualTo(files));
        Assert.That(Catalog.Definitions.Where(d => d.Comments.Count == 0), Is.Empty, "the first comment says what it is for");
    }

    private static string Plain(string name) => name.Replace("_", "").Replace("-", "").ToUpperInvariant();

    private static string[][] Rows(string table, int columns)
    {
        string[][] rows = [.. File.ReadAllText(Path.Combine(Catalog.Folder, table)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split('\t'))];
        Assert.That(rows, Has.All.Length.EqualTo(columns));
        return rows;
    }
}
