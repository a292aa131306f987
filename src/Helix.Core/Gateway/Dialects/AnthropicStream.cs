using System.Text;

namespace Helix.Core.Gateway.Dialects;

/// <summary>
/// Puts a stream of OpenAI's chunks into Anthropic's events. There one block is written after the other: where an engine mixes several calls of tools, the
/// later ones are kept until the one that is being written has ended.
/// </summary>
/// <param name="id">Of the message.</param>
/// <param name="model">As the client named it.</param>
/// <param name="requestId">Under which errors are told.</param>
internal sealed class AnthropicStream(string id, string model, string requestId) : StreamTranslation
{
    private enum Block
    {
        None,
        Text,
        Thinking,
        Call,
    }

    private sealed class Call
    {
        public string? Id { get; set; }

        public string? Name { get; set; }

        public StringBuilder Arguments { get; } = new();

        public bool IsBegun { get; set; }
    }

    private readonly SortedDictionary<int, Call> _calls = [];
    private readonly CallNumbers _numbers = new();
    private Block _open;
    private int _number = -1;
    private int _writing = -1;
    private int _pieces;
    private bool _begun;
    private bool _anyCalls;
    private string? _stopWord;

    public override string StreamType => UpstreamHead.EventStreamType;

    protected override void Close()
    {
        Begin();
        FlushCalls();
        CloseBlock();
        Emit("message_delta"u8, DialectJson.Object(json =>
        {
            json.WriteString("type"u8, "message_delta"u8);
            json.WriteStartObject("delta"u8);
            json.WriteString("stop_reason"u8, AnthropicWords.StopReason(Finish, _stopWord, _anyCalls));
            json.WriteString("stop_sequence"u8, _anyCalls ? null : _stopWord);
            json.WriteEndObject();
            AnthropicWords.WriteUsage(json, Usage ?? new TokenUsage(0, _pieces, 0));
        }));
        Emit("message_stop"u8, """{"type":"message_stop"}"""u8.ToArray());
    }

    protected override void Say(ChatPiece chunk)
    {
        Begin();
        if (!string.IsNullOrEmpty(chunk.Thought)) Say(Block.Thinking, chunk.Thought);
        if (!string.IsNullOrEmpty(chunk.Text)) Say(Block.Text, chunk.Text);
        foreach (var call in chunk.Calls) Take(call);
        _stopWord = chunk.StopWord ?? _stopWord;
    }

    private void Take(CallPiece piece)
    {
        var number = _numbers.Of(piece);
        if (!_calls.TryGetValue(number, out var call)) _calls[number] = call = new();
        (call.Id, call.Name) = (call.Id ?? piece.Id, call.Name ?? piece.Name);
        call.Arguments.Append(piece.Arguments);
        // without a name it cannot be begun
        if (call.Name is null || (_open == Block.Call && _writing != number)) return;
        call.IsBegun = true;
        Open(Block.Call, number, call);
        if (call.Arguments.Length == 0) return;
        Delta("input_json_delta"u8, "partial_json", call.Arguments.ToString());
        call.Arguments.Clear();
    }

    /// <summary>Writes the calls that were kept.</summary>
    private void FlushCalls()
    {
        if (_open == Block.Call) CloseBlock();
        foreach (var (index, call) in _calls)
        {
            if (call.IsBegun) continue;
            Open(Block.Call, index, call);
            if (call.Arguments.Length > 0) Delta("input_json_delta"u8, "partial_json", call.Arguments.ToString());
            CloseBlock();
        }

        _calls.Clear();
        _writing = -1;
    }

    private void Say(Block kind, string text)
    {
        if (_calls.Count > 0) FlushCalls();
        Open(kind, -1, null);
        _pieces++;
        Delta(kind == Block.Text ? "text_delta"u8 : "thinking_delta"u8, kind == Block.Text ? "text" : "thinking", text);
    }

    private void Begin()
    {
        if (_begun) return;
        _begun = true;
        Emit("message_start"u8, DialectJson.Object(json =>
        {
            json.WriteString("type"u8, "message_start"u8);
            json.WriteStartObject("message"u8);
            json.WriteString("id"u8, id);
            json.WriteString("type"u8, "message"u8);
            json.WriteString("role"u8, "assistant"u8);
            json.WriteStartArray("content"u8);
            json.WriteEndArray();
            json.WriteString("model"u8, model);
            json.WriteNull("stop_reason"u8);
            json.WriteNull("stop_sequence"u8);
            AnthropicWords.WriteUsage(json, null);
            json.WriteEndObject();
        }));
    }

    private void Open(Block kind, int index, Call? call)
    {
        if (_open == kind && _writing == index) return;
        CloseBlock();
        (_open, _writing) = (kind, index);
        _number++;
        _anyCalls |= kind == Block.Call;
        Emit("content_block_start"u8, DialectJson.Object(json =>
        {
            json.WriteString("type"u8, "content_block_start"u8);
            json.WriteNumber("index"u8, _number);
            json.WriteStartObject("content_block"u8);
            switch (kind)
            {
                case Block.Text:
                    json.WriteString("type"u8, "text"u8);
                    json.WriteString("text"u8, ""u8);
                    break;
                case Block.Thinking:
                    json.WriteString("type"u8, "thinking"u8);
                    json.WriteString("thinking"u8, ""u8);
                    json.WriteString("signature"u8, ""u8);
                    break;
                default:
                    json.WriteString("type"u8, "tool_use"u8);
                    json.WriteString("id"u8, string.IsNullOrEmpty(call!.Id) ? $"toolu_{id}_{_number}" : call.Id);
                    json.WriteString("name"u8, call.Name ?? "");
                    json.WriteStartObject("input"u8);
                    json.WriteEndObject();
                    break;
            }

            json.WriteEndObject();
        }));
    }

    private void CloseBlock()
    {
        if (_open == Block.None) return;
        _open = Block.None;
        Emit("content_block_stop"u8, DialectJson.Object(json =>
        {
            json.WriteString("type"u8, "content_block_stop"u8);
            json.WriteNumber("index"u8, _number);
        }));
    }

    private void Delta(ReadOnlySpan<byte> type, string member, string text)
    {
        var name = Encoding.UTF8.GetString(type);
        Emit("content_block_delta"u8, DialectJson.Object(json =>
        {
            json.WriteString("type"u8, "content_block_delta"u8);
            json.WriteNumber("index"u8, _number);
            json.WriteStartObject("delta"u8);
            json.WriteString("type"u8, name);
            json.WriteString(member, text);
            json.WriteEndObject();
        }));
    }

    protected override void TellFailure(string words)
    {
        Emit("error"u8, AnthropicWords.Error(502, words, requestId));
    }

    private void Emit(ReadOnlySpan<byte> name, byte[] data) => Emit(AnthropicWords.Event(name, data));
}
