namespace Helix.Core.Gateway.Dialects;

/// <summary>Puts one answer in OpenAI's words into another dialect's, as it comes.</summary>
internal abstract class AnswerTranslation
{
    /// <summary>Null where the answer is told as a whole, after its end.</summary>
    public abstract string? StreamType { get; }

    /// <summary>Why there is no answer: the engine's words, or what is wrong with them. A stream has told its client already.</summary>
    public string? Failure { get; protected set; }

    /// <param name="piece">Of a stream whole events; of a whole answer any part of it.</param>
    /// <returns>What the client is sent now.</returns>
    public abstract ReadOnlyMemory<byte> Push(ReadOnlySpan<byte> piece);

    /// <summary>The engine's answer has come to its end.</summary>
    /// <returns>What the client is sent last.</returns>
    public abstract ReadOnlyMemory<byte> End();
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
        return Failure is null ? said : null;
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
        var first = stream.Push([.. "data: "u8, .. line, .. "\n\n"u8]);
        var last = stream.End();
        Failure = stream.Failure;
        return (byte[])[.. first.Span, .. last.Span];
    }
}
