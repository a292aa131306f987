using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>
/// What a client has had of a streamed answer, so that another backend's answer to the same request can go on from there. The other one is heard from its
/// first word on, and what it says is compared with what was said: a joint that nobody could see, or none.
/// </summary>
internal sealed class JoinedStream
{
    /// <summary>An answer longer than this is not kept, in characters.</summary>
    private const int Longest = 4 << 20;

    /// <summary>What the frames of one answer have in common.</summary>
    private static readonly string[] s_common = ["id", "created", "model", "system_fingerprint"];

    private readonly Spoken _thought = new();
    private readonly Spoken _text = new();
    private Dictionary<string, JsonNode?>? _common;
    private int _joints;

    /// <summary>All that was said so far is kept.</summary>
    public bool CanBeContinued { get; private set; } = true;

    /// <summary>The backend has said that its answer is over; at most figures are missing.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The mark of the stream's end was told.</summary>
    public bool HasDone { get; private set; }

    /// <summary>What the backend said went wrong, which the client was not told: another may do better. Null where nothing did.</summary>
    public ReadOnlyMemory<byte>? Failure { get; private set; }

    /// <summary>The backend that speaks now has not said yet all that was said before.</summary>
    public bool IsBehind => _thought.IsBehind || _text.IsBehind;

    /// <summary>Another backend begins from the beginning.</summary>
    public void Restart()
    {
        _thought.Restart();
        _text.Restart();
        _joints++;
        Failure = null;
    }

    /// <param name="events">Whole events of the backend that speaks now.</param>
    /// <returns>What the client has yet to hear of them; null where this is another answer than the one it had.</returns>
    public ReadOnlyMemory<byte>? Push(ReadOnlyMemory<byte> events)
    {
        List<byte[]> told = [];
        foreach (var data in EventData.Of(events.Span))
        {
            if (!Hear(data, out var its)) return null;
            if (Failure is not null) return Events(told);
            if (its is not null) told.Add(its);
        }

        return _joints == 0 ? events : Events(told);
    }

    private static ReadOnlyMemory<byte> Events(List<byte[]> told)
    {
        var events = new ArrayBufferWriter<byte>(Math.Max(1, told.Sum(data => data.Length + 8)));
        foreach (var data in told)
        {
            events.Write("data: "u8);
            events.Write(data);
            events.Write("\n\n"u8);
        }

        return events.WrittenMemory;
    }

    /// <param name="its">What is new in it; null where nothing is.</param>
    /// <returns>False where it is not what was said before.</returns>
    private bool Hear(byte[] data, out byte[]? its)
    {
        its = data;
        var wasBehind = IsBehind;
        if (EventData.IsDone(data))
        {
            HasDone = !wasBehind;
            return !wasBehind;
        }

        var read = ChatPiece.Read(data);
        if (read is { Error: not null } && CanBeContinued && !HasEnded)
        {
            Failure = data;
            return true;
        }

        if (read is not { Error: null, IsPlain: true } piece)
        {
            GiveUp();
            return !wasBehind;
        }

        if (!CanBeContinued) return true;
        // what was thought comes before what was said
        var isSaying = _text.IsBehind;
        if (_thought.Hear(piece.Thought) is not { } thought || (isSaying && thought.Length > 0) || (_thought.IsBehind && !string.IsNullOrEmpty(piece.Text)) || _text.Hear(piece.Text) is not { } text) return false;
        if (piece.Finish is not null && IsBehind) return false;
        HasEnded |= piece.Finish is not null;
        if (_thought.Length + _text.Length > Longest) GiveUp();
        try
        {
            if (_joints == 0) _common ??= Common(data);
            else its = piece.Finish is null && piece.Usage is null && thought.Length + text.Length == 0 ? null : Rewritten(data, thought, text, piece.Finish is not null);
            return true;
        }
        catch (ArgumentException)
        {
            // a member that is there twice
            GiveUp();
            return _joints == 0;
        }
    }

    private void GiveUp()
    {
        CanBeContinued = false;
        _thought.Clear();
        _text.Clear();
    }

    private static Dictionary<string, JsonNode?> Common(byte[] data) =>
        JsonNode.Parse(data) is JsonObject root ? s_common.Where(root.ContainsKey).ToDictionary(name => name, name => root[name]?.DeepClone(), StringComparer.Ordinal) : [];

    private byte[] Rewritten(byte[] data, string thought, string text, bool isLast)
    {
        var root = JsonNode.Parse(data)!.AsObject();
        foreach (var (name, value) in _common ?? []) root[name] = value?.DeepClone();
        if (root["choices"] is JsonArray { Count: > 0 } choices && choices[0] is JsonObject choice)
        {
            var said = choice["delta"] as JsonObject ?? choice["message"] as JsonObject ?? choice;
            said.Remove("role");
            Say(said, "content", text);
            Say(said, "text", text);
            Say(said, "reasoning_content", thought);
            Say(said, "reasoning", thought);
        }

        if (isLast) root["helix"] = new JsonObject { ["continued"] = _joints };
        return Encoding.UTF8.GetBytes(root.ToJsonString());

        static void Say(JsonObject said, string name, string words)
        {
            if (said[name] is JsonValue) said[name] = words;
        }
    }

    /// <summary>One of the texts of an answer, and how much of it the backend that speaks now has said.</summary>
    private sealed class Spoken
    {
        private char[] _all = [];
        private int _heard;

        public int Length { get; private set; }

        public bool IsBehind => _heard < Length;

        public void Restart() => _heard = 0;

        public void Clear() => (_all, _heard, Length) = ([], 0, 0);

        /// <returns>What is new of it; null where something else was said before.</returns>
        public string? Hear(string? words)
        {
            if (string.IsNullOrEmpty(words)) return "";
            var known = Math.Min(words.Length, Length - _heard);
            if (!words.AsSpan(0, known).SequenceEqual(_all.AsSpan(_heard, known))) return null;
            var added = words.AsSpan(known);
            if (_all.Length - Length < added.Length) Array.Resize(ref _all, Math.Max(_all.Length * 2, Length + added.Length));
            added.CopyTo(_all.AsSpan(Length));
            Length += added.Length;
            _heard += words.Length;
            return words[known..];
        }
    }
}
