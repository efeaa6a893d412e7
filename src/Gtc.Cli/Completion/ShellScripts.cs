namespace Gtc.Cli.Completion;

/// <summary>The scripts: each hands the words over to <c>completion candidates</c>, and falls back to files where that knows none.</summary>
internal static class ShellScripts
{
    /// <summary>For bash 4.4 and later.</summary>
    public static string Bash(string program) => $$"""
        _{{Name(program)}}_complete() {
          local word purpose
          COMPREPLY=()
          while IFS=$'\t' read -r word purpose; do
            COMPREPLY+=("$word")
          done < <("$1" completion candidates -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
        }
        complete -o default -F _{{Name(program)}}_complete {{program}}

        """.ReplaceLineEndings("\n");

    /// <summary>For zsh 5, evaluated or as an autoloaded file.</summary>
    public static string Zsh(string program) => $$"""
        #compdef {{program}}
        _{{program}}() {
          local line
          local -a found
          while IFS= read -r line; do
            found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
          done < <("${words[1]}" completion candidates -- "${(@)words[2,CURRENT]}" 2>/dev/null)
          if (( ${#found} )); then
            _describe -V '{{program}}' found
          else
            _files
          fi
        }
        if [ "${funcstack[1]}" = "_{{program}}" ]; then
          _{{program}} "$@"
        else
          compdef _{{program}} {{program}}
        fi

        """.ReplaceLineEndings("\n");

    /// <summary>For fish 3.</summary>
    public static string Fish(string program) => $$"""
        function __{{Name(program)}}_complete
            set -l words (commandline -opc)
            set -l current (commandline -ct)
            set -l found ($words[1] completion candidates -- $words[2..] "$current" 2>/dev/null)
            if test (count $found) -gt 0
                printf '%s\n' $found
            else
                __fish_complete_path "$current"
            end
        end
        complete -c {{program}} -f -a '(__{{Name(program)}}_complete)'

        """.ReplaceLineEndings("\n");

    private static string Name(string program) => program.Replace('-', '_');
}
