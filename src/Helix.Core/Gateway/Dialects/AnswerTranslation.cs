using System.Text;
using Helix.Core.Tuning;

namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts one answer in OpenAI's words into another dialect's, as it comes.</summary>
internal abstract class AnswerTranslation
{
    /// <summary>Null where the answer is told as a whole, after its end.</summary>
    public abstract string? StreamType { get; }

    /// <summary>Why there is no answer: the engine's words, or what is wrong with them. A stream has told its client already.</summary>
    public string? Failure { get; protected set; }

    /// <summary>Of the prompt, about: what is told where an engine makes its usage up.</summary>
    public int PromptTokens { get; set; }

    /// <param name="piece">Of a stream whole events; of a whole answer any part of it.</param>
    /// <returns>What the client is sent now.</returns>
    public abstract ReadOnlyMemory<byte> Push(ReadOnlySpan<byte> piece);

    /// <summary>The engine's answer has come to its end.</summary>
    /// <returns>What the client is sent last.</returns>
    public abstract ReadOnlyMemory<byte> End();

    /// <summary>The engine's usage; where that is made up, lengths are counted instead, as for the accounts.</summary>
    /// <param name="length">Of what it said, in bytes.</param>
    protected TokenUsage? Believed(TokenUsage? told, long length) =>
        told is { IsMadeUp: true } ? new TokenUsage(PromptTokens, (length + RequestShape.BytesPerToken - 1) / RequestShape.BytesPerToken, 0) : told;

    /// <summary>In bytes.</summary>
    protected static long LengthOf(ChatPiece said)
    {
        var length = LengthOf(said.Text) + LengthOf(said.Thought);
        foreach (var call in said.Calls) length += LengthOf(call.Name) + LengthOf(call.Arguments);
        return length;
    }

    private static long LengthOf(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}

/// <summary>One that tells each piece as it comes.</summary>
internal abstract class StreamTranslation : AnswerTranslation
{
    private readonly MemoryStream _out = new();
    private bool _isWhole;
    private TokenUsage? _told;
    private long _length;

    /// <summary>OpenAI's <c>finish_reason</c>; null while there is none.</summary>
    protected string? Finish { get; private set; }

    protected TokenUsage? Usage => Believed(_told, _length);

    public sealed override ReadOnlyMemory<byte> Push(ReadOnlySpan<byte> piece)
    {
        foreach (var data in EventData.Of(piece))
        {
            if (EventData.IsDone(data)) _isWhole = true;
            else if (Failure is null && ChatPiece.Read(data) is { } chunk) Take(chunk);
        }

        return Taken();
    }

    public sealed override ReadOnlyMemory<byte> End()
    {
        if (Failure is not null) return default;
        if (_isWhole) Close();
        else Fail("The engine's answer broke off.");
        return Taken();
    }

    /// <summary>Tells what an event says.</summary>
    protected abstract void Say(ChatPiece chunk);

    /// <summary>Tells the end of an answer that is whole.</summary>
    protected abstract void Close();

    /// <summary>Tells what went wrong.</summary>
    protected abstract void TellFailure(string words);

    protected void Emit(ReadOnlySpan<byte> told) => _out.Write(told);

    private void Take(ChatPiece chunk)
    {
        if (chunk.Error is { } error)
        {
            Fail(error);
            return;
        }

        _isWhole |= chunk.Finish is not null;
        (Finish, _told, _length) = (chunk.Finish ?? Finish, chunk.Usage ?? _told, _length + LengthOf(chunk));
        Say(chunk);
    }

    private void Fail(string words)
    {
        Failure = words;
        TellFailure(words);
    }

    private ReadOnlyMemory<byte> Taken()
    {
        var bytes = _out.ToArray();
        _out.SetLength(0);
        return bytes;
    }
}

/// <summary>One that needs the whole answer before it can say anything.</summary>
internal abstract class WholeTranslation : AnswerTranslation
{
    /// <summary>An answer longer than this is not believed, in bytes.</summary>
    private const int Most = 64 << 20;

    private readonly MemoryStream _answer = new();

    public override string? StreamType => null;

    public sealed override ReadOnlyMemory<byte> Push(ReadOnlySpan<byte> piece)
    {
        if (_answer.Length + piece.Length > Most) Failure = "The engine's answer does not come to an end.";
        else _answer.Write(piece);
        return default;
    }

    public sealed override ReadOnlyMemory<byte> End() => Failure is null ? Of(_answer.GetBuffer().AsMemory(0, (int)_answer.Length)) : default;

    protected abstract ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer);

    /// <returns>Null, and <see cref="AnswerTranslation.Failure"/> set, where it is none.</returns>
    protected ChatPiece? Read(ReadOnlyMemory<byte> answer)
    {
        var said = ChatPiece.Read(answer);
        Failure = said is null ? "The engine's answer is not whole, or no JSON." : said.Error;
        return said is not null && Failure is null ? said with { Usage = Believed(said.Usage, LengthOf(said)) } : null;
    }
}

/// <summary>For an engine that was asked for a stream and answers whole: what it says is told as one event.</summary>
internal sealed class WholeAsStream(AnswerTranslation stream) : WholeTranslation
{
    public override string? StreamType => stream.StreamType;

    protected override ReadOnlyMemory<byte> Of(ReadOnlyMemory<byte> answer)
    {
        // lines end nowhere within JSON's strings
        var line = answer.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        stream.PromptTokens = PromptTokens;
        var first = stream.Push([.. "data: "u8, .. line, .. "\n\n"u8]);
        var last = stream.End();
        Failure = stream.Failure;
        return (byte[])[.. first.Span, .. last.Span];
    }
}
