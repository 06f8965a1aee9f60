"""What each shell runs at Tab: it asks `aura_intelligence complete`, so it is never out of date."""

# What stands before the last of readline's word breaks is no part of what readline replaces.
_BASH = r"""# Completion of aura_intelligence for bash.
_aura_intelligence() {
    local line="${COMP_LINE:0:COMP_POINT}" words word mark from=""
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    word="${words[${#words[@]}-1]}"
    for mark in : =; do
        if [[ $COMP_WORDBREAKS == *"$mark"* && ${word#"$from"} == *"$mark"* ]]; then
            from="${word%"${word##*"$mark"}"}"
        fi
    done
    COMPREPLY=()
    while IFS= read -r line; do
        if [[ $line == :files* ]]; then
            compopt -o filenames 2> /dev/null
            while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "${word#--*=}")
            return
        fi
        line="${line%%$'\t'*}"
        COMPREPLY+=("${line#"$from"}")
    done < <("$1" complete -- "${words[@]:1}" 2> /dev/null)
}
complete -F _aura_intelligence aura_intelligence
"""

_ZSH = r"""#compdef aura_intelligence
# Completion of aura_intelligence for zsh.
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
_aura_intelligence() {
    local -a lines names shown
    lines=("${(@f)$("$words[1]" complete -- "${(@)words[2,CURRENT-1]}" "$PREFIX" 2> /dev/null)}")
    if [[ $lines[1] == :files* ]]; then
        compset -P '--*='
        _files
        return
    fi
    names=("${(@)${(@)lines%%$'\t'*}:#}")
    shown=("${(@)${(@)lines/$'\t'/  -- }:#}")
    shown=("${(@)shown%  -- }")
    (( $#names )) && compadd -l -d shown -a names
}
if [[ $funcstack[1] == _aura_intelligence ]]; then
    _aura_intelligence "$@"
else
    compdef _aura_intelligence aura_intelligence
fi
"""

_FISH = r"""# Completion of aura_intelligence for fish.
function __aura_intelligence
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l lines ($program complete -- $words "$word" 2> /dev/null)
    if string match -q ':files*' -- $lines[1]
        set -l option (string match -r -- '^--[^=]*=' "$word")
        printf "$option%s\n" (__fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word"))
    else
        printf '%s\n' $lines
    end
end
complete -c aura_intelligence -f -a '(__aura_intelligence)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
