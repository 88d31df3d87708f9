using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the enum of API keys and the table of all APIs.</summary>
internal static class ApiEmitter
{
    public static string EmitKeys(IEnumerable<Definition> apis)
    {
        CodeWriter code = CodeWriter.ForFile("Milena.Kafka.Protocol");
        code.DocXml("summary", "The APIs of the protocol by the number that a request header names.");
        code.Open("public enum ApiKey : short");
        foreach (Definition api in apis)
        {
            code.Doc("summary", api.Comments.Count > 0 ? api.Comments[0] : api.Name);
            code.Line($"{api.Name} = {api.Key},");
            code.Line();
        }

        code.Close();
        return code.ToString();
    }

    public static string EmitTable(IReadOnlyList<Definition> apis)
    {
        CodeWriter code = CodeWriter.ForFile("Milena.Kafka.Protocol", MessageEmitter.Namespace);
        code.DocXml("summary", "All APIs that are known, and how their messages are read.");
        code.Open("public static class Apis");
        foreach (Definition api in apis)
        {
            EmitApi(code, api);
        }

        code.DocXml("summary", "All APIs, ascending by key.");
        code.Line($"public static IReadOnlyList<Api> All {{ get; }} = [{string.Join(", ", apis.Select(a => a.Name))}];");
        code.Line();
        EmitFind(code, apis);
        EmitReader(code, apis, "Request");
        EmitReader(code, apis, "Response");
        code.Close();
        return code.ToString();
    }

    private static void EmitApi(CodeWriter code, Definition api)
    {
        int stable = api.Stable is { } range ? (range.IsEmpty ? -1 : range.Highest) : api.Versions.Highest;
        string flexible = api.Flexible.IsEmpty ? "short.MaxValue" : api.Flexible.Lowest.ToString(System.Globalization.CultureInfo.InvariantCulture);
        int kafka4 = api.Kafka4.IsEmpty ? api.Versions.Lowest : api.Kafka4.Lowest;
        code.DocXml("summary", $"{api.Name}, versions {api.Versions}.");
        code.Line(
            $"public static Api {api.Name} {{ get; }} = new(ApiKey.{api.Name}, {api.Versions.Lowest}, {api.Versions.Highest}, {stable}, {flexible}, {kafka4}, {Literal(api.HasFixedResponseHeader)}, {Literal(BorrowsFrame(api))});");
        code.Line();
    }

    private static string Literal(bool value) => value ? "true" : "false";

    private static bool BorrowsFrame(Definition api) => api.Messages
        .Where(m => m.Section == "response")
        .SelectMany(m => m.Structs.Append(m.Body))
        .Any(s => s.Fields.Exists(f => f.Type == "records" || f.IsZeroCopy));

    private static void EmitFind(CodeWriter code, IReadOnlyList<Definition> apis)
    {
        code.DocXml("summary", "Finds an API by its key.");
        code.DocXml("param name=\"key\"", "The key, as it may come from the wire.");
        code.DocXml("returns", "Null if the key is not known.");
        code.Open("public static Api? Find(ApiKey key) => key switch");
        foreach (Definition api in apis)
        {
            code.Line($"ApiKey.{api.Name} => {api.Name},");
        }

        code.Line("_ => null,");
        code.Close("};");
        code.Line();
    }

    private static void EmitReader(CodeWriter code, IReadOnlyList<Definition> apis, string kind)
    {
        code.DocXml("summary", $"Reads the body of a {kind.ToLowerInvariant()}.");
        code.DocXml("param name=\"key\"", "The API.");
        code.DocXml("param name=\"reader\"", "Stands behind the header.");
        code.DocXml("param name=\"version\"", "The version of the API.");
        code.DocXml("exception cref=\"ProtocolException\"", "The API or version is not known, or the bytes do not follow it.");
        code.Open($"public static I{kind} Read{kind}(ApiKey key, ref ProtocolReader reader, short version) => key switch");
        foreach (Definition api in apis)
        {
            code.Line($"ApiKey.{api.Name} => {api.Name}{kind}.Read(ref reader, version),");
        }

        code.Line("_ => throw MessageFault.UnknownApi(key),");
        code.Close("};");
        code.Line();
    }
}
