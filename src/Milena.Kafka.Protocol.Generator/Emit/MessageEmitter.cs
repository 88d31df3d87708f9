using Milena.Kafka.Protocol.Generator.Model;

namespace Milena.Kafka.Protocol.Generator.Emit;

/// <summary>Writes the class of one request, response, header or data, with its structs nested.</summary>
internal sealed class MessageEmitter
{
    public const string Namespace = "Milena.Kafka.Protocol.Messages";

    private readonly Definition _definition;
    private readonly MessageDefinition _message;
    private readonly CodeWriter _code = CodeWriter.ForFile(Namespace);

    private MessageEmitter(Definition definition, MessageDefinition message)
    {
        _definition = definition;
        _message = message;
    }

    public static string ClassName(Definition definition, MessageDefinition message) => definition.Name + message.Section switch
    {
        "request" => "Request",
        "response" => "Response",
        _ => "",
    };

    public static string Emit(Definition definition, MessageDefinition message) => new MessageEmitter(definition, message).Emit();

    private string Emit()
    {
        string name = ClassName(_definition, _message);
        EmitSummary();
        _code.Open($"public sealed partial class {name} : {Interface(name)}");
        if (_definition.IsApi)
        {
            EmitApiMembers();
        }

        StructEmitter.EmitMembers(new StructContext(_definition, _message, _message.Body), _code);
        foreach (StructDefinition definition in _message.Structs)
        {
            EmitStruct(definition);
        }

        _code.Close();
        return _code.ToString();
    }

    private void EmitSummary()
    {
        string what = _message.Section switch
        {
            "request" => $"Request of {_definition.Name} ({_definition.Key})",
            "response" => $"Response of {_definition.Name} ({_definition.Key})",
            _ => _definition.Name,
        };
        string purpose = _definition.Comments.Count > 0 ? ": " + _definition.Comments[0] : ".";
        _code.Doc("summary", $"{what}, versions {_definition.Versions}{purpose}");
        if (_definition.Comments.Count > 1)
        {
            _code.Line("/// <remarks>");
            foreach (string comment in _definition.Comments.Skip(1))
            {
                _code.Line("/// <para>" + CodeWriter.Escape(comment) + "</para>");
            }

            _code.Line("/// </remarks>");
        }
    }

    private string Interface(string name) => _message.Section switch
    {
        "request" => $"IRequest<{_definition.Name}Response>, IMessage<{name}>",
        "response" => $"IResponse<{name}>",
        _ => $"IMessage<{name}>",
    };

    private void EmitApiMembers()
    {
        string kind = _message.Section == "request" ? "IRequest" : "IResponse";
        _code.Line("/// <inheritdoc/>");
        _code.Line($"Api {kind}.Api => Apis.{_definition.Name};");
        _code.Line();
        if (_message.Section == "response")
        {
            bool throttles = _message.Body.Fields.Exists(f => f.Name == "ThrottleTimeMs");
            _code.Line("/// <inheritdoc/>");
            _code.Line(throttles
                ? "TimeSpan IResponse.ThrottleTime { get => TimeSpan.FromMilliseconds(ThrottleTimeMs); set => ThrottleTimeMs = (int)value.TotalMilliseconds; }"
                : "TimeSpan IResponse.ThrottleTime { get => TimeSpan.Zero; set { } }");
            _code.Line();
        }
    }

    private void EmitStruct(StructDefinition definition)
    {
        string name = StructContext.StructName(_message, definition.Name);
        _code.Doc("summary", $"Struct {definition.Name} of {ClassName(_definition, _message)}, versions {definition.Versions}.");
        _code.Open($"public sealed partial class {name} : IMessage<{name}>");
        StructEmitter.EmitMembers(new StructContext(_definition, _message, definition), _code);
        _code.Close();
    }
}
