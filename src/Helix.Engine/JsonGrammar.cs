namespace Helix.Engine;

/// <summary>The one grammar helix has: any JSON object, in llama.cpp's notation, after RFC 8259. Blanks are bounded so that no model fills its answer with them.</summary>
internal static class JsonGrammar
{
    public const string Root = "root";

    public const string Text = """
        root   ::= object
        object ::= "{" blank ( pair ( "," blank pair )* )? "}"
        pair   ::= string blank ":" blank value
        array  ::= "[" blank ( value ( "," blank value )* )? "]"
        value  ::= ( object | array | string | number | "true" | "false" | "null" ) blank
        string ::= "\"" ( [^"\\\x00-\x1F\x7F] | "\\" ( ["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] ) )* "\""
        number ::= "-"? ( "0" | [1-9] [0-9]{0,15} ) ( "." [0-9]{1,15} )? ( [eE] [-+]? [0-9]{1,3} )?
        blank  ::= ( " " | "\n" [ \t]{0,20} )?
        """;
}
