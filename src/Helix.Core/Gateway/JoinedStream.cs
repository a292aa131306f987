using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Helix.Core.Gateway.Dialects;

namespace Helix.Core.Gateway;

/// <summary>
/// What a client has had of a streamed answer, so that another backend can go on from there. One that answers the same request again is heard from its first
/// word on, and what it says is compared with what was said: a joint that nobody could see, or none. One that is given what was said goes on from its end.
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

    /// <summary>The backend that speaks now was given what others had said.</summary>
    private bool _isGiven;

    /// <summary>Tokens of what it was given; pieces that it has said itself, and the tokens that it told of them so far.</summary>
    private long _given, _pieces, _told;

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

    /// <summary>All that was said and is no thought; null where something was thought.</summary>
    public string? Text => _thought.Length == 0 ? _text.ToString() : null;

    /// <summary>No word was said; blanks at most.</summary>
    public bool IsBlank => string.IsNullOrWhiteSpace(Text ?? "thoughts");

    /// <summary>That were said, as far as is known: a piece is one where nobody tells.</summary>
    public long Tokens => _given + Math.Max(_pieces, _told);

    /// <summary>Those of what the backend that speaks now was given.</summary>
    public long TokensGiven => _given;

    /// <summary>Some of them were counted here.</summary>
    public bool IsCounted { get; private set; }

    /// <summary>Another backend begins from the beginning.</summary>
    public void Restart()
    {
        Begin(isGiven: false);
        _thought.Restart(0);
        _text.Restart(0);
    }

    /// <summary>Another backend goes on from what was said.</summary>
    /// <returns>What it is to be given: all but the blanks at the end, which templates may take away. It says those itself, and they are compared.</returns>
    public string GoOn()
    {
        var given = (Text ?? throw new InvalidOperationException("thoughts are not gone on with")).TrimEnd();
        IsCounted |= _told < _pieces;
        Begin(isGiven: true);
        _text.Restart(given.Length);
        return given;
    }

    /// <summary>What the whole answer took, where the backend that speaks now counts what it was given as part of its prompt.</summary>
    public TokenUsage Whole(TokenUsage usage)
    {
        if (!_isGiven) return usage;
        var prompt = usage.Prompt > _given ? usage.Prompt - _given : usage.Prompt;
        return new(prompt, usage.Answer + _given, Math.Min(usage.Cached, prompt));
    }

    /// <param name="events">Whole events of the backend that speaks now.</param>
    /// <returns>What the client has yet to hear of them; null where this is another answer than the one it had.</returns>
    public ReadOnlyMemory<byte>? Push(ReadOnlyMemory<byte> events)
    {
        // nothing will ever be joined to it: nobody needs to know what it says
        if (_joints == 0 && this is { CanBeContinued: false, HasEnded: false }) return events;
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
            return !wasBehind && (!_isGiven || HasEnded);
        }

        var (thought, text) = (piece.Thought ?? "", piece.Text ?? "");
        if (CanBeContinued)
        {
            if (!Agrees(piece, ref thought, ref text)) return false;
            Count(piece);
            if (_thought.Length + _text.Length > Longest) GiveUp();
        }
        else if (_joints == 0) return true;

        HasEnded |= piece.Finish is not null;
        try
        {
            if (_joints == 0) _common ??= Common(data);
            else its = piece.Finish is null && piece.Usage is null && thought.Length + text.Length == 0 ? null : Rewritten(data, thought, text, piece);
            return true;
        }
        catch (ArgumentException)
        {
            // a member that is there twice
            GiveUp();
            return _joints == 0;
        }
    }

    private void Begin(bool isGiven)
    {
        (_given, _pieces, _told, _isGiven, Failure) = (isGiven ? Tokens : 0, 0, 0, isGiven, null);
        _joints++;
    }

    /// <param name="thought">What was thought; afterwards what is new of it.</param>
    /// <param name="text">What was said; afterwards what is new of it.</param>
    /// <returns>False where something else was said before.</returns>
    private bool Agrees(ChatPiece piece, ref string thought, ref string text)
    {
        // what was thought comes before what was said
        var isSaying = _text.IsBehind || _isGiven;
        if (_thought.Hear(thought) is not { } newThought || (isSaying && newThought.Length > 0) || (_thought.IsBehind && text.Length > 0) || _text.Hear(text) is not { } newText) return false;
        (thought, text) = (newThought, newText);
        return piece.Finish is null || !IsBehind;
    }

    private void Count(ChatPiece piece)
    {
        if (!string.IsNullOrEmpty(piece.Text) || !string.IsNullOrEmpty(piece.Thought)) _pieces++;
        if (piece.Usage is { } usage) _told = usage.Answer;
    }

    private void GiveUp()
    {
        CanBeContinued = false;
        _thought.Clear();
        _text.Clear();
    }

    private static Dictionary<string, JsonNode?> Common(byte[] data) =>
        JsonNode.Parse(data) is JsonObject root ? s_common.Where(root.ContainsKey).ToDictionary(name => name, name => root[name]?.DeepClone(), StringComparer.Ordinal) : [];

    private byte[] Rewritten(byte[] data, string thought, string text, ChatPiece piece)
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

        if (_isGiven && piece.Usage is { } usage) Tell(root, Whole(usage));
        if (piece.Finish is not null) root["helix"] = new JsonObject { ["continued"] = _joints };
        return Encoding.UTF8.GetBytes(root.ToJsonString());

        static void Say(JsonObject said, string name, string words)
        {
            if (said[name] is JsonValue) said[name] = words;
        }
    }

    private static void Tell(JsonObject root, TokenUsage whole)
    {
        if (root["usage"] is not JsonObject usage) return;
        Set(usage, "prompt_tokens", whole.Prompt);
        Set(usage, "completion_tokens", whole.Answer);
        Set(usage, "total_tokens", whole.Prompt + whole.Answer);
        if (usage["prompt_tokens_details"] is JsonObject details) Set(details, "cached_tokens", whole.Cached);

        static void Set(JsonObject usage, string name, long count)
        {
            if (usage[name] is JsonValue) usage[name] = count;
        }
    }

    /// <summary>One of the texts of an answer, and how much of it the backend that speaks now has said.</summary>
    private sealed class Spoken
    {
        private char[] _all = [];
        private int _heard;

        public int Length { get; private set; }

        public bool IsBehind => _heard < Length;

        /// <param name="heard">Characters that the backend that speaks next will not say.</param>
        public void Restart(int heard) => _heard = heard;

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

        public override string ToString() => new(_all, 0, Length);
    }
}
