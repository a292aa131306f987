using System.Text.Json;
using System.Text.Unicode;

namespace Helix.Core.Gateway;

/// <summary>Reads from a body what routing needs, and checks that the whole of it is JSON. Makes no objects of it.</summary>
internal static class BodyPeek
{
    public const int MaxDepth = 64;

    /// <summary>Bytes of a name that is written with escapes; none that counts has more.</summary>
    private const int MostEscaped = 6 * 21;

    public static BodyLook Look(ReadOnlySpan<byte> body) => FactsOf(body, out var bad) is { } facts ? new BodyLook.Good(facts) : new BodyLook.Bad(bad!);

    /// <summary>The same without an object around it: each request comes by here.</summary>
    /// <param name="bad">What is wrong with the body; null where nothing is.</param>
    /// <returns>Null where something is.</returns>
    public static BodyFacts? FactsOf(ReadOnlySpan<byte> body, out GatewayError? bad)
    {
        bad = null;
        var facts = BodyScan.Read(body, out var isAscii);
        if (!isAscii && !Utf8.IsValid(body))
        {
            bad = new(400, "invalid_json", "The body is not valid UTF-8. Send JSON in UTF-8.");
            return null;
        }

        if (facts is not null) return facts;
        var look = Look(body, skips: false);
        bad = (look as BodyLook.Bad)?.Error;
        return (look as BodyLook.Good)?.Facts;
    }

    /// <param name="body">In UTF-8.</param>
    /// <param name="skips">Only what is out of the ordinary is left to a reader, which can say what is wrong with it.</param>
    internal static BodyLook Look(ReadOnlySpan<byte> body, bool skips)
    {
        if (skips) return Look(body);
        try
        {
            return Read(body);
        }
        catch (JsonException wrong)
        {
            return Bad("invalid_json", $"The body is not valid JSON (line {wrong.LineNumber + 1}, byte {wrong.BytePositionInLine + 1}, nested at most {MaxDepth} deep). Send one JSON object.");
        }
        catch (InvalidOperationException)
        {
            return Bad("invalid_json", "The body contains half of a character (a lone surrogate such as \\ud800). Escape characters beyond U+FFFF as pairs, or not at all.");
        }
    }

    private static BodyLook Read(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = MaxDepth });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Bad("invalid_json", "The body is JSON, but not an object. Send one JSON object.");

        var (notes, hasMembers) = (new BodyNotes((int)reader.BytesConsumed), false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            hasMembers = true;
            var member = Which(ref reader);
            var parameter = BodyMembers.MayBeParameter(member) ? ParameterTable.Of(ref reader) : RequestParameters.None;
            reader.Read();
            var begin = (int)reader.TokenStartIndex;
            if (notes.Note(member, parameter, ref reader, begin) is { } wrong) return new BodyLook.Bad(wrong);
            reader.Skip();
            var place = begin..(int)reader.BytesConsumed;
            if (member == BodyMember.Prompt) notes.NotePrompt(place);
            else if (member == BodyMember.Tools) notes.NoteTools(body[place], place);
        }

        while (reader.Read()) { }
        return new BodyLook.Good(notes.ToFacts(hasMembers));
    }

    /// <summary>Tells the member whose name the reader stands on.</summary>
    /// <exception cref="InvalidOperationException">Half of a character is in the name.</exception>
    private static BodyMember Which(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped) return BodyMembers.Of(reader.ValueSpan);
        if (reader.ValueSpan.Length > MostEscaped) return BodyMember.Other;
        Span<byte> name = stackalloc byte[MostEscaped];
        return BodyMembers.Of(name[..reader.CopyString(name)]);
    }

    private static BodyLook.Bad Bad(string code, string message) => new(new GatewayError(400, code, message));
}
