using System.Text.Json;
using Helix.Core.Gateway;
using Helix.Core.Gateway.Dialects;

namespace Helix.Gateway;

/// <summary>OpenAI's Responses API, over engines that know chat completions. One for each request: what was asked is told again.</summary>
internal sealed class ResponsesDialect : Dialect
{
    private static readonly JsonElement s_nothing = JsonElement.Parse("{}");

    private JsonElement _asked = s_nothing;
    private ResponsesStream? _stream;

    public override ClientDialect Kind => ClientDialect.Responses;

    public override Translated Read(ReadOnlyMemory<byte> body, Func<string?, int> contextOf)
    {
        var translated = ResponsesRequest.Translate(body);
        if (translated is Translated.Good { Echoes: var echoes }) _asked = JsonElement.Parse(echoes);
        return translated;
    }

    public override ReadOnlyMemory<byte> Error(GatewayError error, string requestId) => ErrorJson.Body(error, requestId);

    public override ReadOnlyMemory<byte> ErrorFrame(GatewayError error, string requestId) => ResponsesStream.Event("error", _stream?.Events ?? 0, json =>
    {
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteString("param"u8, error.Param);
        // the official client raises what stands here only
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, error.Type);
        json.WriteString("code"u8, error.Code);
        json.WriteString("message"u8, error.Message);
        json.WriteString("param"u8, error.Param);
        json.WriteEndObject();
    });

    public override ReadOnlyMemory<byte> Refusal(ReadOnlyMemory<byte> words, int status, string requestId) => ErrorJson.OfEngine(words, status, requestId);

    public override ReadOnlyMemory<byte> RefusalFrame(ReadOnlyMemory<byte> words, int status, string requestId) => ErrorFrame(new GatewayError(status, "engine_refused", ErrorJson.WordsOf(words, status)), requestId);

    public override AnswerTranslation Translation(Exchange exchange, bool isEventStream)
    {
        var frame = new ResponseFrame($"resp_{exchange.RequestId}", exchange.Facts.Model ?? exchange.Model ?? "auto", exchange.Now, _asked);
        if (!exchange.Facts.Stream) return new ResponsesWhole(frame);
        _stream = new ResponsesStream(frame);
        return isEventStream ? _stream : new WholeAsStream(_stream);
    }
}
