using System.Text;
using System.Text.Json;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts a stream of chunks into the events of a response.</summary>
internal sealed class ResponsesStream(ResponseFrame frame) : StreamTranslation
{
    /// <summary>An item of the output and what was said of it.</summary>
    private sealed class Item(int number, ResponseItem blank)
    {
        public int Number => number;

        public ResponseItem Blank => blank;

        public StringBuilder Text { get; } = new();

        public bool IsClosed { get; set; }

        public bool IsCut { get; set; }

        public ResponseItem Whole => Said with { IsCut = IsCut };

        private ResponseItem Said => blank switch
        {
            ResponseItem.Message message => message with { Text = Text.ToString() },
            ResponseItem.Reasoning reasoning => reasoning with { Text = Text.ToString() },
            ResponseItem.Call call => call with { Arguments = Text.ToString() },
            _ => blank,
        };
    }

    private readonly List<Item> _items = [];
    private readonly Dictionary<int, (Item? Item, CallPiece First)> _calls = [];
    private readonly CallNumbers _numbers = new();
    private int _events;
    private int _pieces;
    private bool _begun;

    public override string StreamType => UpstreamHead.EventStreamType;

    /// <summary>The next event is of this number.</summary>
    public int Events => _events;

    protected override void Close()
    {
        Begin();
        foreach (var (item, first) in _calls.Values)
            if (item is null) Argue(Open(first), first.Arguments);
        var finish = Finish ?? "stop";
        CloseAll(finish is "length" or "content_filter");
        Tell(finish is "length" or "content_filter" ? "response.incomplete" : "response.completed", finish, null);
    }

    protected override void Say(ChatPiece chunk)
    {
        Begin();
        if (!string.IsNullOrEmpty(chunk.Thought)) Say(chunk.Thought, isThought: true);
        if (!string.IsNullOrEmpty(chunk.Text)) Say(chunk.Text, isThought: false);
        foreach (var call in chunk.Calls) Take(call);
    }

    private void Say(string text, bool isThought)
    {
        var open = _items.LastOrDefault();
        if (open is null or { IsClosed: true } || isThought != open.Blank is ResponseItem.Reasoning || open.Blank is ResponseItem.Call)
        {
            CloseTexts();
            open = Open(number => isThought ? new ResponseItem.Reasoning($"rs_{frame.Id}_{number}", "") : new ResponseItem.Message($"msg_{frame.Id}_{number}", ""));
            Emit("response.content_part.added", json =>
            {
                Place(json, open);
                json.WriteNumber("content_index"u8, 0);
                json.WritePropertyName("part"u8);
                WritePart(json, open.Blank);
            });
        }

        _pieces++;
        open.Text.Append(text);
        Emit(isThought ? "response.reasoning_text.delta" : "response.output_text.delta", json =>
        {
            Place(json, open);
            json.WriteNumber("content_index"u8, 0);
            json.WriteString("delta"u8, text);
            if (!isThought) WriteNoProbabilities(json);
        });
    }

    private void Take(CallPiece piece)
    {
        var number = _numbers.Of(piece);
        var (item, first) = _calls.TryGetValue(number, out var known) ? known : (null, piece with { Arguments = "" });
        first = first with { Id = string.IsNullOrEmpty(first.Id) ? piece.Id : first.Id, Name = string.IsNullOrEmpty(first.Name) ? piece.Name : first.Name };
        if (item is null)
        {
            first = first with { Arguments = first.Arguments + piece.Arguments };
            // without a name it cannot be begun
            if (string.IsNullOrEmpty(first.Name))
            {
                _calls[number] = (null, first);
                return;
            }

            item = Open(first);
            piece = piece with { Arguments = first.Arguments };
        }

        _calls[number] = (item, first);
        Argue(item, piece.Arguments);
    }

    private Item Open(CallPiece call)
    {
        CloseTexts();
        return Open(at => new ResponseItem.Call($"fc_{frame.Id}_{at}", string.IsNullOrEmpty(call.Id) ? $"call_{frame.Id}_{at}" : call.Id, call.Name ?? "", ""));
    }

    private void Argue(Item item, string arguments)
    {
        if (arguments.Length == 0) return;
        item.Text.Append(arguments);
        Emit("response.function_call_arguments.delta", json =>
        {
            Place(json, item);
            json.WriteString("delta"u8, arguments);
        });
    }

    /// <summary>Calls may go on side by side, texts do not.</summary>
    private void CloseTexts()
    {
        foreach (var item in _items)
            if (item.Blank is not ResponseItem.Call) Close(item);
    }

    /// <param name="isCut">The last of them was ended in its middle.</param>
    private void CloseAll(bool isCut)
    {
        if (_items is [.., var last]) last.IsCut = isCut && !last.IsClosed;
        foreach (var item in _items) Close(item);
    }

    private Item Open(Func<int, ResponseItem> make)
    {
        var item = new Item(_items.Count, make(_items.Count));
        _items.Add(item);
        Emit("response.output_item.added", json =>
        {
            json.WriteNumber("output_index"u8, item.Number);
            json.WritePropertyName("item"u8);
            item.Blank.Write(json, isOver: false);
        });
        return item;
    }

    private void Close(Item item)
    {
        if (item.IsClosed) return;
        item.IsClosed = true;
        var (whole, text) = (item.Whole, item.Text.ToString());
        if (whole is ResponseItem.Call call)
        {
            Emit("response.function_call_arguments.done", json =>
            {
                Place(json, item);
                json.WriteString("name"u8, call.Name);
                json.WriteString("arguments"u8, text);
            });
        }
        else
        {
            Emit(whole is ResponseItem.Reasoning ? "response.reasoning_text.done" : "response.output_text.done", json =>
            {
                Place(json, item);
                json.WriteNumber("content_index"u8, 0);
                json.WriteString("text"u8, text);
                if (whole is ResponseItem.Message) WriteNoProbabilities(json);
            });
            Emit("response.content_part.done", json =>
            {
                Place(json, item);
                json.WriteNumber("content_index"u8, 0);
                json.WritePropertyName("part"u8);
                WritePart(json, whole);
            });
        }

        Emit("response.output_item.done", json =>
        {
            json.WriteNumber("output_index"u8, item.Number);
            json.WritePropertyName("item"u8);
            whole.Write(json, isOver: true);
        });
    }

    private void Begin()
    {
        if (_begun) return;
        _begun = true;
        Tell("response.created", null, null);
        Tell("response.in_progress", null, null);
    }

    protected override void TellFailure(string words)
    {
        Begin();
        CloseAll(isCut: true);
        Tell("response.failed", null, words);
    }

    private void Tell(string type, string? finish, string? failure) => Emit(type, json =>
    {
        json.WritePropertyName("response"u8);
        frame.Write(json, finish, finish is null ? null : Usage ?? new TokenUsage(0, _pieces, 0), failure, output =>
        {
            foreach (var item in _items.Where(item => item.IsClosed)) item.Whole.Write(output, isOver: true);
        });
    });

    private static void Place(Utf8JsonWriter json, Item item)
    {
        json.WriteString("item_id"u8, item.Blank.Id);
        json.WriteNumber("output_index"u8, item.Number);
    }

    private static void WritePart(Utf8JsonWriter json, ResponseItem item)
    {
        if (item is ResponseItem.Message message) message.WritePart(json);
        else if (item is ResponseItem.Reasoning reasoning) reasoning.WritePart(json);
    }

    private static void WriteNoProbabilities(Utf8JsonWriter json)
    {
        json.WriteStartArray("logprobs"u8);
        json.WriteEndArray();
    }

    private void Emit(string type, Action<Utf8JsonWriter> write) => Emit(Event(type, _events++, write));

    /// <param name="number">Of the event within its stream.</param>
    public static byte[] Event(string type, int number, Action<Utf8JsonWriter> write) =>
    [
        .. "event: "u8, .. Encoding.UTF8.GetBytes(type), .. "\ndata: "u8,
        .. DialectJson.Object(json =>
        {
            json.WriteString("type"u8, type);
            json.WriteNumber("sequence_number"u8, number);
            write(json);
        }),
        .. "\n\n"u8,
    ];
}
