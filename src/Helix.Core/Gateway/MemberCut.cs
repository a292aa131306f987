using System.Text.Json;

namespace Helix.Core.Gateway;

/// <summary>Takes parameters out of a body; all other members stay the bytes that they were.</summary>
internal static class MemberCut
{
    /// <param name="body">That was looked at, and is JSON.</param>
    /// <param name="facts">Of it.</param>
    /// <param name="cut">What is to go, however often it is there.</param>
    /// <returns>The rest, and what a <see cref="ModelSplice"/> has to know of it: where its prompt lies is not told.</returns>
    public static (ReadOnlyMemory<byte> Body, BodyFacts Facts) Without(ReadOnlySpan<byte> body, BodyFacts facts, RequestParameters cut)
    {
        var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = BodyPeek.MaxDepth });
        reader.Read();
        var open = (int)reader.BytesConsumed;
        var rest = GC.AllocateUninitializedArray<byte>(body.Length);
        body[..open].CopyTo(rest);
        var (length, begin, model, hasMembers) = (open, open, facts.ModelStart, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = (int)reader.TokenStartIndex;
            var isCut = (ParameterTable.Of(ref reader) & cut) != RequestParameters.None;
            reader.Read();
            reader.Skip();
            var end = (int)reader.BytesConsumed;
            if (!isCut)
            {
                // of a member that is the first only now, the comma goes too
                if (!hasMembers && begin > open) begin = name;
                if (facts.ModelLength > 0 && facts.ModelStart >= name && facts.ModelStart < end) model = length + facts.ModelStart - begin;
                body[begin..end].CopyTo(rest.AsSpan(length));
                (length, hasMembers) = (length + end - begin, true);
            }

            begin = end;
        }

        body[begin..].CopyTo(rest.AsSpan(length));
        length += body.Length - begin;
        return (rest.AsMemory(0, length), facts with { ModelStart = model, HasMembers = hasMembers, Prompt = default, Tools = default });
    }
}
