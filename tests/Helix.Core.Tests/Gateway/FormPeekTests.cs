using System.Text;
using CsCheck;
using Helix.Core.Gateway;

namespace Helix.Core.Tests.Gateway;

public class FormPeekTests
{
    private const string Boundary = "xYz";
    private const string ContentType = "multipart/form-data; boundary=xYz";
    private const string File = "--xYz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\r\n";
    private const string Model = "--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n";
    private const string End = "--xYz--\r\n";

    /// <summary>What may stand in a file: all but a line that begins like the boundary.</summary>
    private static readonly Gen<byte[]> s_data = Gen.OneOf(
            Gen.Byte.Array[0, 60], Gen.OneOf("\r", "\n", "\r\n", "--", "-", "\r\n--", "\r\n--xY", "\n--xY", "xYz", "a", "\r\r\n-").Array[0, 12].Select(parts => Encoding.ASCII.GetBytes(string.Concat(parts))))
        .Where(bytes => !Encoding.Latin1.GetString([(byte)'\n', .. bytes]).Contains("\n--xYz", StringComparison.Ordinal));

    private static readonly Gen<string> s_model = Gen.OneOf(Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.OneOf("qwen3:0.6b", "org/größe", "日本", "😀", " m ", "a;b=\"c\"", "--xYz--", "whisper-1")).Where(name => !name.StartsWith("--xYz", StringComparison.Ordinal));

    private static readonly Gen<(byte[] Form, string Model, int At, bool Stream)> s_form = Gen.Select(Gen.Select(s_data, Gen.Bool).Array[0, 4], s_model, Gen.Int[0, 4], Gen.OneOf<string?>(null, "true", "false", "True", "0"), (others, model, at, stream) =>
    {
        var parts = others.Select((part, number) => Part($"p{number}", part.Item2 ? "x.bin" : null, part.Item1)).ToList();
        if (stream is not null) parts.Insert(0, Part("stream", null, Encoding.ASCII.GetBytes(stream)));
        at = Math.Min(at, parts.Count);
        parts.Insert(at, Part("model", null, Encoding.UTF8.GetBytes(model)));
        byte[] form = [.. parts.SelectMany(part => part), .. Encoding.ASCII.GetBytes(End)];
        return (form, model, parts.Take(at).Sum(part => part.Length) + Encoding.ASCII.GetByteCount("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"), stream is "true" or "True");
    });

    [Fact]
    public void However_it_is_cut_the_same_is_found_and_where_it_lies() => Gen.Select(s_form, Gen.Int[1, 40].Array[1, 30]).Sample((made, cuts) =>
    {
        var facts = Good(made.Form, cuts);

        return facts == Good(made.Form, [made.Form.Length])
            && (facts.Model, facts.ModelStart, facts.ModelLength, facts.Stream, facts.ContentType) == (made.Model, made.At, Encoding.UTF8.GetByteCount(made.Model), made.Stream, ContentType);
    });

    [Fact]
    public void A_splice_changes_the_model_and_nothing_else() => Gen.Select(s_form, s_model).Sample((made, upstream) =>
    {
        var splice = ModelSplice.For(Good(made.Form, [7]), upstream);
        byte[] sent = [.. made.Form[..splice.Start], .. splice.Insert.Span, .. made.Form[splice.Resume..]];
        byte[] expected = [.. made.Form[..made.At], .. Encoding.UTF8.GetBytes(upstream), .. made.Form[(made.At + Encoding.UTF8.GetByteCount(made.Model))..]];

        return splice.LengthFor(made.Form.Length) == sent.Length && sent.SequenceEqual(expected) && Good(sent, [3]).Model == upstream;
    });

    [Fact]
    public void Damaged_forms_are_refused_in_words_or_read_alike_however_they_are_cut() =>
        Gen.Select(s_form, Gen.Select(Gen.Int[0, 400], Gen.Byte).Array[0, 4], Gen.Int[0, 500], Gen.Int[1, 40].Array[1, 30]).Sample((made, damage, cut, cuts) =>
        {
            var form = made.Form.ToArray();
            foreach (var (at, value) in damage) form[at % form.Length] = value;
            form = form[..Math.Min(cut, form.Length)];

            return Look(form, cuts) == Look(form, [Math.Max(1, form.Length)]) && (Look(form, cuts) is BodyLook.Good or BodyLook.Bad { Error: { Status: 400, Message.Length: > 0 } });
        });

    [Theory]
    [InlineData("", "invalid_form", null)]
    [InlineData("x", "invalid_form", null)]
    [InlineData("\r\n" + Model + End, "invalid_form", null)]
    [InlineData("preamble\r\n" + Model + End, "invalid_form", null)]
    [InlineData(Model + End + "epilogue", "invalid_form", null)]
    [InlineData(Model + End + "\r\n", "invalid_form", null)]
    [InlineData(Model, "invalid_form", null)]
    [InlineData(Model + "--xYz", "invalid_form", null)]
    [InlineData(Model + "--xYz-", "invalid_form", null)]
    [InlineData(Model + "--xYz--\r", "invalid_form", null)]
    [InlineData(Model + "--xYzz\r\n\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz \r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\nContent-Disposition: form-data; name=\"model\"\n\nm\n--xYz--\n", "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\n" + Model + End, "invalid_form", null)]
    [InlineData("--xYz\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Type: text/plain\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: attachment; name=\"model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"; name=\"x\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"; name*=utf-8''x\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData(Model + "--xYz\r\nContent-Disposition: form-data; name=\"x\"; name*0=\"mod\"; name*1=\"el\"\r\n\r\nn\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name =\"model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"; filename*0=\"m\"\r\n\r\nm\r\n" + End, "invalid_type", "model")]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"mo\\del\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data;\r\n name=\"model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition : form-data; name=\"model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\nContent-Transfer-Encoding: base64\r\n\r\nbQ==\r\n" + End, "invalid_form", null)]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"\u0000model\"\r\n\r\nm\r\n" + End, "invalid_form", null)]
    [InlineData(File + End, "missing_parameter", "model")]
    [InlineData("--xYz--\r\n", "missing_parameter", "model")]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n\r\n" + End, "missing_parameter", "model")]
    [InlineData(Model + Model + End, "duplicate_parameter", "model")]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"; filename=\"m\"\r\n\r\nm\r\n" + End, "invalid_type", "model")]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\nn\r\n" + End, "invalid_type", "model")]
    [InlineData(Model + "--xYz\r\nContent-Disposition: form-data; name=\"stream\"\r\n\r\nperhaps\r\n" + End, "invalid_type", "stream")]
    public void What_is_wrong_is_refused_with_its_parameter(string form, string code, string? param)
    {
        var error = Bad(Encoding.UTF8.GetBytes(form));

        Assert.Equal((400, code, param), (error.Status, error.Code, error.Param));
    }

    [Theory]
    [InlineData("--xYz\r\nContent-Disposition: form-data; name=model\r\n\r\nm\r\n--xYz--")]
    [InlineData("--xYz\r\ncontent-disposition:form-data;name=\"model\"\r\n\r\nm\r\n" + End)]
    [InlineData("--xYz\r\nContent-Type: text/plain; charset=utf-8\r\nCONTENT-DISPOSITION: FORM-DATA; NAME=model\r\nContent-Transfer-Encoding: 8bit\r\n\r\nm\r\n" + End)]
    [InlineData(File + Model + "--xYz\r\nContent-Disposition: form-data; name=file2; filename=a.wav; filename*=utf-8''a.wav\r\n\r\n\r\n" + End)]
    [InlineData(Model + "--xYz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\x \\\" y;z.wav\"\r\n\r\nx\r\n" + End)]
    public void However_clients_write_it_the_model_is_found(string form) => Assert.Equal("m", Good(Encoding.UTF8.GetBytes(form), [1]).Model);

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused_where_they_are_read()
    {
        byte[] name = [.. "--xYz\r\nContent-Disposition: form-data; name=\""u8, 0xff, .. "\"\r\n\r\nm\r\n--xYz--"u8];
        byte[] model = [.. "--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n"u8, 0xc0, .. "\r\n--xYz--"u8];

        Assert.Equal("invalid_form", Bad(name).Code);
        Assert.Equal(("invalid_type", "model"), (Bad(model).Code, Bad(model).Param));
    }

    [Fact]
    public void What_is_too_long_or_too_much_is_refused()
    {
        var longest = new string('m', FormPeek.MostValue);
        string Named(string model) => $"--xYz\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n{model}\r\n";

        Assert.Equal(longest, Good(Encoding.ASCII.GetBytes(Named(longest) + End), [100]).Model);
        Assert.Equal("invalid_type", Bad(Encoding.ASCII.GetBytes(Named(longest + "m") + End)).Code);
        Assert.Equal("invalid_form", Bad(Encoding.ASCII.GetBytes($"--xYz\r\nX: {new string('x', FormPeek.MostHead)}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nm\r\n{End}")).Code);
        Assert.Equal("invalid_form", Bad(Encoding.ASCII.GetBytes(Model + string.Concat(Enumerable.Repeat(File, FormPeek.MostParts)) + End)).Code);
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=xYz", "xYz", "multipart/form-data; boundary=xYz")]
    [InlineData("Multipart/Form-Data ; charset=utf-8; Boundary=\"a b\"", "a b", "multipart/form-data; boundary=\"a b\"")]
    [InlineData("multipart/form-data; boundary=----WebKitFormBoundaryA1", "----WebKitFormBoundaryA1", "multipart/form-data; boundary=----WebKitFormBoundaryA1")]
    [InlineData("multipart/form-data; boundary===12==", "==12==", "multipart/form-data; boundary=\"==12==\"")]
    [InlineData("multipart/form-data", null, null)]
    [InlineData("multipart/form-data; boundary", null, null)]
    [InlineData("multipart/form-data; boundary=", null, null)]
    [InlineData("multipart/form-data; boundary=\"\"", null, null)]
    [InlineData("multipart/form-data; boundary=\"x", null, null)]
    [InlineData("multipart/form-data; boundary=\"x \"", null, null)]
    [InlineData("multipart/form-data; boundary=\"x\\\"y\"", null, null)]
    [InlineData("multipart/form-data; boundary=\"x\ny\"", null, null)]
    [InlineData("multipart/form-data; boundary=x; boundary=y", null, null)]
    [InlineData("multipart/form-data; boundary=x,multipart/form-data; boundary=y", null, null)]
    [InlineData("multipart/form-data; boundary=größe", null, null)]
    [InlineData("multipart/form-data; boundary=1234567890123456789012345678901234567890123456789012345678901234567890x", null, null)]
    [InlineData("multipart/form-data; =x; boundary=y", null, null)]
    [InlineData("multipart/form-data; boundary =x", null, null)]
    public void A_boundary_is_read_and_told_in_one_spelling(string contentType, string? boundary, string? told)
    {
        Assert.True(FormBoundary.IsForm(contentType));
        Assert.Equal(boundary, FormBoundary.Read(contentType));
        if (boundary is null)
        {
            Assert.Equal((400, "invalid_form"), (FormPeek.Of(contentType).Bad!.Status, FormPeek.Of(contentType).Bad!.Code));
            return;
        }

        Assert.Equal(told, FormBoundary.Told(boundary));
        Assert.Equal(boundary, FormBoundary.Read(told!));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("application/json")]
    [InlineData("multipart/mixed; boundary=x")]
    [InlineData("multipart/form-datax; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public void What_is_no_form_is_none(string? contentType)
    {
        var (form, bad) = FormPeek.Of(contentType);

        Assert.Null(form);
        Assert.Null(bad);
    }

    [Fact]
    public void Random_content_types_never_throw() => Gen.OneOf("multipart/form-data", ";", "=", "\"", "\\", "boundary", "x", " ", "\t", ",", "é", "\u0000").Array[0, 14].Sample(parts =>
        FormBoundary.Read(string.Concat(parts)) is null or { Length: > 0 and <= FormBoundary.Most });

    private static byte[] Part(string name, string? file, byte[] data) =>
        [.. Encoding.ASCII.GetBytes($"--{Boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{(file is null ? "" : $"; filename=\"{file}\"\r\nContent-Type: application/octet-stream")}\r\n\r\n"), .. data, .. "\r\n"u8];

    private static BodyFacts Good(byte[] form, int[] cuts) => Assert.IsType<BodyLook.Good>(Look(form, cuts)).Facts;

    private static GatewayError Bad(byte[] form) => Assert.IsType<BodyLook.Bad>(Look(form, [1])).Error;

    private static BodyLook Look(byte[] form, int[] cuts)
    {
        var peek = FormPeek.Of(ContentType).Form!;
        for (int at = 0, n = 0; at < form.Length; n++)
        {
            var piece = form.AsSpan(at, Math.Min(cuts[n % cuts.Length], form.Length - at));
            peek.Push(piece);
            at += piece.Length;
        }

        return peek.End();
    }
}
